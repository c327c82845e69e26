import { createHmac } from 'node:crypto';
import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  GetTokensFromRefreshTokenCommand,
  NotAuthorizedException,
  RefreshTokenReuseException,
  UserNotFoundException,
  UsernameExistsException,
} from '@aws-sdk/client-cognito-identity-provider';
import { environmentCredentials } from '../config.ts';
import { normalisePassword } from '../rules/passwords.ts';

/** A confidential app client. Its secret stays in Cognito: it is read at init and kept in memory only. */
type AppClient = { readonly id: string; secret?: string; refreshTokenDays?: number };

export type UserPool = {
  readonly client: CognitoIdentityProviderClient;
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
    client: new CognitoIdentityProviderClient({ credentials: environmentCredentials, maxAttempts: 3 }),
    poolId: config.poolId,
    api: { id: config.apiClientId },
    ...(config.gatewayClientId ? { gateway: { id: config.gatewayClientId } } : {}),
  };
}

/** Reads the secrets of the app clients; called at init, so that it also opens the connection. */
export async function readClientSecrets(pool: UserPool): Promise<void> {
  await Promise.all([pool.api, pool.gateway].map((client) => client && readSecret(pool, client)));
}

async function readSecret(pool: UserPool, client: AppClient): Promise<string> {
  const { UserPoolClient } = await pool.client.send(
    new DescribeUserPoolClientCommand({ UserPoolId: pool.poolId, ClientId: client.id }),
  );
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
  | { readonly outcome: 'second_factor_due' }
  | { readonly outcome: 'wrong' };

/**
 * One AdminInitiateAuth. Unknown users, disabled ones, wrong passwords and Cognito's own lock all answer
 * `wrong`. Throttling and outages throw.
 */
export async function checkPassword(
  pool: UserPool,
  appClient: 'api' | 'gateway',
  userName: string,
  password: string,
): Promise<PasswordCheck> {
  const client = pool[appClient];
  if (client === undefined) throw new Error(`This function has no app client ${appClient}`);
  const secret = client.secret ?? (await readSecret(pool, client));
  try {
    const { AuthenticationResult, ChallengeName } = await pool.client.send(
      new AdminInitiateAuthCommand({
        UserPoolId: pool.poolId,
        ClientId: client.id,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: {
          USERNAME: userName,
          PASSWORD: normalisePassword(password),
          SECRET_HASH: createHmac('sha256', secret)
            .update(userName + client.id)
            .digest('base64'),
        },
      }),
    );
    if (ChallengeName === 'SOFTWARE_TOKEN_MFA') return { outcome: 'second_factor_due' };
    const { AccessToken, RefreshToken, ExpiresIn } = AuthenticationResult ?? {};
    if (!AccessToken || !RefreshToken || !ExpiresIn) return { outcome: 'wrong' };
    return {
      outcome: 'right',
      tokens: {
        accessToken: AccessToken,
        refreshToken: RefreshToken,
        expiresInSeconds: ExpiresIn,
        refreshTokenDays: client.refreshTokenDays ?? DEFAULT_REFRESH_TOKEN_DAYS,
      },
    };
  } catch (error) {
    if (error instanceof NotAuthorizedException || error instanceof UserNotFoundException) {
      return { outcome: 'wrong' };
    }
    throw error;
  }
}

export type RefreshCheck =
  | { readonly outcome: 'refreshed'; readonly tokens: Tokens }
  /** Cognito had already exchanged it, longer ago than its grace. */
  | { readonly outcome: 'used' }
  | { readonly outcome: 'invalid' };

/** One GetTokensFromRefreshToken: new tokens, a new refresh token among them. Throttling and outages throw. */
export async function exchangeRefreshToken(pool: UserPool, cognitoToken: string): Promise<RefreshCheck> {
  const client = pool.api;
  const secret = client.secret ?? (await readSecret(pool, client));
  try {
    const { AuthenticationResult } = await pool.client.send(
      new GetTokensFromRefreshTokenCommand({
        ClientId: client.id,
        ClientSecret: secret,
        RefreshToken: cognitoToken,
      }),
    );
    const { AccessToken, RefreshToken, ExpiresIn } = AuthenticationResult ?? {};
    if (!AccessToken || !RefreshToken || !ExpiresIn) return { outcome: 'invalid' };
    return {
      outcome: 'refreshed',
      tokens: {
        accessToken: AccessToken,
        refreshToken: RefreshToken,
        expiresInSeconds: ExpiresIn,
        refreshTokenDays: client.refreshTokenDays ?? DEFAULT_REFRESH_TOKEN_DAYS,
      },
    };
  } catch (error) {
    if (error instanceof RefreshTokenReuseException) return { outcome: 'used' };
    if (error instanceof NotAuthorizedException || error instanceof UserNotFoundException) {
      return { outcome: 'invalid' };
    }
    throw error;
  }
}

/** Creates the Cognito user if need be and sets its password; repeatable by the same attempt. */
export async function storePassword(pool: UserPool, userName: string, password: string): Promise<void> {
  try {
    await pool.client.send(
      new AdminCreateUserCommand({ UserPoolId: pool.poolId, Username: userName, MessageAction: 'SUPPRESS' }),
    );
  } catch (error) {
    if (!(error instanceof UsernameExistsException)) throw error;
  }
  await pool.client.send(
    new AdminSetUserPasswordCommand({
      UserPoolId: pool.poolId,
      Username: userName,
      Password: normalisePassword(password),
      Permanent: true,
    }),
  );
}
