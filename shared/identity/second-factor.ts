import { isAwsError } from '../aws/json-client.ts';
import {
  type AppClientName,
  clientWithSecret,
  secretHash,
  type Tokens,
  tokensOf,
  type UserPool,
} from './user-pool.ts';

export type CodeCheck =
  | { readonly outcome: 'right'; readonly tokens: Tokens }
  /** Wrong, or used once already (RFC 6238 5.2). Cognito counts it as a failed sign-in. */
  | { readonly outcome: 'wrong' }
  /** The challenge itself is over: too old, answered already, or the name is locked. */
  | { readonly outcome: 'expired' };

/** Answers the challenge that a right password was met with. */
export async function answerCode(
  pool: UserPool,
  appClient: AppClientName,
  challenge: { readonly userName: string; readonly cognitoSession: string },
  code: string,
): Promise<CodeCheck> {
  const client = await clientWithSecret(pool, appClient);
  try {
    const { AuthenticationResult } = await pool.client.call('AdminRespondToAuthChallenge', {
      UserPoolId: pool.poolId,
      ClientId: client.id,
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      Session: challenge.cognitoSession,
      ChallengeResponses: {
        USERNAME: challenge.userName,
        SOFTWARE_TOKEN_MFA_CODE: code,
        SECRET_HASH: secretHash(client, challenge.userName),
      },
    });
    const tokens = tokensOf(AuthenticationResult, client);
    return tokens === undefined ? { outcome: 'expired' } : { outcome: 'right', tokens };
  } catch (error) {
    if (isWrongCode(error)) return { outcome: 'wrong' };
    if (isAwsError(error, 'NotAuthorizedException', 'UserNotFoundException')) {
      return { outcome: 'expired' };
    }
    throw error;
  }
}

/**
 * Makes a new secret for an authenticator app, in base32. It takes the place of one that was there, verified or
 * not: only for accounts without a factor. The access token is one of the gateway's client, fresh from a password.
 */
export async function beginTotp(pool: UserPool, accessToken: string): Promise<string> {
  const { SecretCode } = await pool.client.call('AssociateSoftwareToken', { AccessToken: accessToken });
  if (SecretCode === undefined) throw new Error('The user pool gave no secret');
  return SecretCode;
}

/** Whether the app was set up with the newest secret, by a code of its. */
export async function verifyTotp(pool: UserPool, accessToken: string, code: string): Promise<boolean> {
  try {
    const { Status } = await pool.client.call('VerifySoftwareToken', {
      AccessToken: accessToken,
      UserCode: code,
    });
    return Status === 'SUCCESS';
  } catch (error) {
    if (isWrongCode(error)) return false;
    throw error;
  }
}

/**
 * Off, a password is enough for Cognito; on, it asks for a code at every sign-in. Repeatable.
 *
 * @throws AwsError InvalidParameterException where it is to be switched on and no secret was verified.
 */
export async function switchTotp(pool: UserPool, userName: string, on: boolean): Promise<void> {
  try {
    await pool.client.call('AdminSetUserMFAPreference', {
      UserPoolId: pool.poolId,
      Username: userName,
      SoftwareTokenMfaSettings: { Enabled: on, PreferredMfa: on },
    });
  } catch (error) {
    // Without a verified secret Cognito asks for no code, and refuses to switch off what is not on.
    if (on || !isAwsError(error, 'InvalidParameterException')) throw error;
  }
}

function isWrongCode(error: unknown): boolean {
  return isAwsError(
    error,
    'CodeMismatchException',
    'ExpiredCodeException',
    'EnableSoftwareTokenMFAException',
    'SoftwareTokenMFANotFoundException',
  );
}
