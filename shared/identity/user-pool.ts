import { createHmac } from 'node:crypto';
import { type AuthenticationResult, type CognitoClient, cognitoClient } from '../aws/cognito.ts';
import { isAwsError } from '../aws/json-client.ts';
import { sha256 } from '../ids.ts';
import { normalisePassword } from '../rules/passwords.ts';
import type { SignInClaims } from './sign-in-claims.ts';

/** A confidential app client. Its secret stays in Cognito: it is read at init and kept in memory only. */
type AppClient = { readonly id: string; secret?: string; refreshTokenDays?: number };

export type AppClientName = 'api' | 'gateway';
type ClientWithSecret = AppClient & { readonly secret: string };

export type UserPool = {
  readonly client: CognitoClient;
  readonly poolId: string;
  readonly api: AppClient;
  readonly gateway?: AppClient;
};

export function openUserPool(config: {
  poolId: string;
  apiClientId: string;
  gatewayClientId?: string;
}): UserPool {
  return {
    // A wrong password is never tried twice; a throttled call at most three times (R9).
    client: cognitoClient({ maxAttempts: 3 }),
    poolId: config.poolId,
    api: { id: config.apiClientId },
    ...(config.gatewayClientId ? { gateway: { id: config.gatewayClientId } } : {}),
  };
}

/**
 * Reads the secrets of the app clients; called at init, so that it also opens the connection. Cognito answers some five
 * such reads a second for one pool: where many environments start at once, each waits for its turn for as long as init
 * may take (10 s), rather than answer 503 to a caller that may not come again.
 */
export async function readClientSecrets(pool: UserPool): Promise<void> {
  await Promise.all([pool.api, pool.gateway].map((client) => client && readInTurn(pool, client)));
}

/** Together with the pauses of the client's own three attempts, 1.5 s each time, 7.5 s at most. */
const TURN_PAUSES_MILLISECONDS = [1000, 2000];

async function readInTurn(pool: UserPool, client: AppClient): Promise<void> {
  for (const pause of TURN_PAUSES_MILLISECONDS) {
    try {
      await readSecret(pool, client);
      return;
    } catch (error) {
      if (!isAwsError(error, 'TooManyRequestsException')) throw error;
      // Not all at once again.
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random() / 2)));
    }
  }
  await readSecret(pool, client);
}

async function readSecret(pool: UserPool, client: AppClient): Promise<string> {
  const { UserPoolClient } = await pool.client.call('DescribeUserPoolClient', {
    UserPoolId: pool.poolId,
    ClientId: client.id,
  });
  const secret = UserPoolClient?.ClientSecret;
  if (secret === undefined) throw new Error('The app client has no secret');
  client.secret = secret;
  client.refreshTokenDays = UserPoolClient?.RefreshTokenValidity ?? DEFAULT_REFRESH_TOKEN_DAYS;
  return secret;
}

/** Cognito's own default for RefreshTokenValidity. */
const DEFAULT_REFRESH_TOKEN_DAYS = 30;

export type Tokens = {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly refreshTokenDays: number;
};

export type PasswordCheck =
  | { readonly outcome: 'right'; readonly tokens: Tokens }
  /** The password was right, and a second factor is set that was not asked for here. */
  | { readonly outcome: 'second_factor_due'; readonly cognitoSession: string }
  | { readonly outcome: 'wrong' };

/**
 * One AdminInitiateAuth. Unknown users, disabled ones, wrong passwords and Cognito's own lock all answer
 * `wrong`. Throttling and outages throw.
 */
export async function checkPassword(
  pool: UserPool,
  appClient: AppClientName,
  userName: string,
  password: string,
): Promise<PasswordCheck> {
  const client = await clientWithSecret(pool, appClient);
  try {
    const { AuthenticationResult, ChallengeName, Session } = await pool.client.call('AdminInitiateAuth', {
      UserPoolId: pool.poolId,
      ClientId: client.id,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: {
        USERNAME: userName,
        PASSWORD: judgeable(normalisePassword(password)),
        SECRET_HASH: secretHash(client, userName),
      },
    });
    if (ChallengeName === 'SOFTWARE_TOKEN_MFA' && Session !== undefined) {
      return { outcome: 'second_factor_due', cognitoSession: Session };
    }
    const tokens = tokensOf(AuthenticationResult, client);
    return tokens === undefined ? { outcome: 'wrong' } : { outcome: 'right', tokens };
  } catch (error) {
    if (isAwsError(error, 'NotAuthorizedException', 'UserNotFoundException')) {
      return { outcome: 'wrong' };
    }
    throw error;
  }
}

const STORED_MAX_LENGTH = 256;
/** Cognito's `^[\S]+.*[\S]+$`, whose dot stands for no end of a line. */
const STORED = /^\S[^\n\r\u0085\u2028\u2029]*\S$/;

/**
 * What Cognito would not store is nobody's password; but nothing says that it answers to it as to any other wrong one
 * (S1). So another is judged in its place, made of it, that is nobody's either.
 */
function judgeable(password: string): string {
  return password.length <= STORED_MAX_LENGTH && STORED.test(password) ? password : sha256(password);
}

export async function clientWithSecret(pool: UserPool, name: AppClientName): Promise<ClientWithSecret> {
  const client = pool[name];
  if (client === undefined) throw new Error(`This function has no app client ${name}`);
  const secret = client.secret ?? (await readSecret(pool, client));
  return { ...client, secret };
}

export function secretHash(client: ClientWithSecret, userName: string): string {
  return createHmac('sha256', client.secret)
    .update(userName + client.id)
    .digest('base64');
}

export function tokensOf(result: AuthenticationResult | undefined, client: AppClient): Tokens | undefined {
  const { AccessToken, RefreshToken, ExpiresIn } = result ?? {};
  if (!AccessToken || !RefreshToken || !ExpiresIn) return undefined;
  return {
    accessToken: AccessToken,
    refreshToken: RefreshToken,
    expiresInSeconds: ExpiresIn,
    refreshTokenDays: client.refreshTokenDays ?? DEFAULT_REFRESH_TOKEN_DAYS,
  };
}

export type RefreshCheck =
  | { readonly outcome: 'refreshed'; readonly tokens: Tokens }
  /** Cognito had already exchanged it, longer ago than its grace. */
  | { readonly outcome: 'used' }
  | { readonly outcome: 'invalid' };

/**
 * One GetTokensFromRefreshToken: new tokens, a new refresh token among them. Throttling and outages throw. The access
 * token says of which sign-in it is by claims of ours, which the pre-token trigger adds.
 */
export async function exchangeRefreshToken(
  pool: UserPool,
  cognitoToken: string,
  signIn: SignInClaims,
): Promise<RefreshCheck> {
  const client = await clientWithSecret(pool, 'api');
  try {
    const { AuthenticationResult } = await pool.client.call('GetTokensFromRefreshToken', {
      ClientId: client.id,
      ClientSecret: client.secret,
      RefreshToken: cognitoToken,
      ClientMetadata: signIn,
    });
    const tokens = tokensOf(AuthenticationResult, client);
    return tokens === undefined ? { outcome: 'invalid' } : { outcome: 'refreshed', tokens };
  } catch (error) {
    if (isAwsError(error, 'RefreshTokenReuseException')) return { outcome: 'used' };
    if (isAwsError(error, 'NotAuthorizedException', 'UserNotFoundException')) {
      return { outcome: 'invalid' };
    }
    throw error;
  }
}

/** Creates the Cognito user if need be and sets its password; repeatable by the same attempt. */
export async function storePassword(pool: UserPool, userName: string, password: string): Promise<void> {
  try {
    await pool.client.call('AdminCreateUser', {
      UserPoolId: pool.poolId,
      Username: userName,
      MessageAction: 'SUPPRESS',
    });
  } catch (error) {
    if (!isAwsError(error, 'UsernameExistsException')) throw error;
  }
  await replacePassword(pool, userName, password);
}

/** Of a user that is there. */
export async function replacePassword(pool: UserPool, userName: string, password: string): Promise<void> {
  await pool.client.call('AdminSetUserPassword', {
    UserPoolId: pool.poolId,
    Username: userName,
    Password: normalisePassword(password),
    Permanent: true,
  });
}
