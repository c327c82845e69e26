/**
 * AdminInitiateAuth and AdminRespondToAuthChallenge.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html
 */
import { checkPassword, recordFailure, refuseWhileLocked } from './attempts.ts';
import { checkSecretHash, requireClient, requirePool } from './clients.ts';
import {
  incorrectCredentials,
  invalidParameter,
  notAuthorized,
  UserPoolError,
  userDisabled,
} from './errors.ts';
import type { AppClient } from './identity.ts';
import {
  type Input,
  optionalObject,
  optionalString,
  PASSWORD,
  requiredParameter,
  requiredString,
  stringMap,
} from './input.ts';
import { checkPasswordPolicy, hashPassword } from './passwords.ts';
import type { Pool } from './pool.ts';
import type { User } from './store.ts';
import { startFamily } from './tokens.ts';
import { checkCode } from './totp.ts';

type Responses = Readonly<Record<string, string>>;
type ClientMetadata = Readonly<Record<string, string>> | undefined;
type Answer = { readonly client: AppClient; readonly username: string; readonly session: string };

const MS_PER_DAY = 24 * 60 * 60 * 1000;

function newPasswordChallenge(pool: Pool, user: User, client: AppClient) {
  const nowMs = pool.now().getTime();
  const validMs = pool.settings.passwordPolicy.temporaryPasswordValidityDays * MS_PER_DAY;
  if (nowMs >= user.passwordSetAtMs + validMs) {
    throw notAuthorized('Temporary password has expired and must be reset by an administrator.');
  }
  const challenge = 'NEW_PASSWORD_REQUIRED';
  const about = { challenge, username: user.username, sub: user.sub, clientId: client.id } as const;
  return {
    ChallengeName: challenge,
    Session: pool.sessions.open(about, nowMs),
    ChallengeParameters: {
      USER_ID_FOR_SRP: user.username,
      requiredAttributes: '[]',
      userAttributes: JSON.stringify(user.attributes),
    },
  };
}

function softwareTokenChallenge(pool: Pool, user: User, client: AppClient) {
  const challenge = 'SOFTWARE_TOKEN_MFA';
  const about = { challenge, username: user.username, sub: user.sub, clientId: client.id } as const;
  return {
    ChallengeName: challenge,
    Session: pool.sessions.open(about, pool.now().getTime()),
    ChallengeParameters: { USER_ID_FOR_SRP: user.username },
  };
}

/** "If an MFA type is activated for a user, the user will be prompted for MFA during all sign-in attempts." */
const needsSoftwareToken = (user: User) => user.mfa.enabled && user.softwareToken?.verified === true;

export async function adminInitiateAuth(pool: Pool, input: Input) {
  requirePool(pool, input);
  const client = requireClient(pool, input);
  // REFRESH_TOKEN_AUTH is among those refused: it is incompatible with refresh token rotation.
  if (requiredString(input, 'AuthFlow') !== 'ADMIN_USER_PASSWORD_AUTH') {
    throw invalidParameter('Auth flow not enabled for this client');
  }
  const parameters = stringMap(input, 'AuthParameters');
  const username = requiredParameter(parameters, 'USERNAME');
  requiredParameter(parameters, 'PASSWORD');
  // Nothing is written of how AWS answers here to what it would not store: not as to a wrong password, to be safe.
  const password = requiredString(parameters, 'PASSWORD', PASSWORD);
  checkSecretHash(client, username, parameters.SECRET_HASH);

  const user = await checkPassword(pool, username, password);
  if (!user.enabled) throw userDisabled();
  if (user.status === 'FORCE_CHANGE_PASSWORD') return newPasswordChallenge(pool, user, client);
  if (needsSoftwareToken(user)) return softwareTokenChallenge(pool, user, client);
  const source = 'TokenGeneration_Authentication';
  // ClientMetadata of AdminInitiateAuth does not reach the pre token generation trigger.
  const tokens = await startFamily(pool, { user, client, source, clientMetadata: undefined });
  return { ChallengeParameters: {}, AuthenticationResult: tokens };
}

/** The user the session was opened for, as it is now. */
function sessionUser(pool: Pool, session: { readonly username: string; readonly sub: string }): User {
  const user = pool.store.user(session.username);
  if (!user || user.sub !== session.sub) throw incorrectCredentials();
  if (!user.enabled) throw userDisabled();
  return user;
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html */
async function answerSoftwareToken(
  pool: Pool,
  answer: Answer,
  responses: Responses,
  clientMetadata: ClientMetadata,
) {
  const { client, username } = answer;
  const code = requiredParameter(responses, 'SOFTWARE_TOKEN_MFA_CODE');
  const nowMs = pool.now().getTime();
  const asked = { challenge: 'SOFTWARE_TOKEN_MFA', username, clientId: client.id } as const;
  const session = pool.sessions.find(answer.session, asked, nowMs);
  const user = sessionUser(pool, session);
  // "After five unsuccessful attempts to present an MFA code", the lockout process begins here too:
  // https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
  refuseWhileLocked(pool, username);
  if (!user.softwareToken?.verified) {
    throw new UserPoolError(
      'SoftwareTokenMFANotFoundException',
      'Software Token MFA does not exist for the user.',
    );
  }
  const check = checkCode(user.softwareToken, code, nowMs);
  if (check.result === 'used') {
    throw new UserPoolError('ExpiredCodeException', 'Your software token has already been used once.');
  }
  if (check.result === 'mismatch') {
    recordFailure(pool, username);
    throw new UserPoolError('CodeMismatchException', 'Invalid code received for user');
  }
  pool.sessions.redeem(session);
  pool.store.commit({ type: 'user-saved', user: { ...user, softwareToken: check.token } });
  const source = 'TokenGeneration_Authentication';
  const tokens = await startFamily(pool, { user, client, source, clientMetadata });
  return { ChallengeParameters: {}, AuthenticationResult: tokens };
}

async function answerNewPassword(
  pool: Pool,
  answer: Answer,
  responses: Responses,
  clientMetadata: ClientMetadata,
) {
  const { client, username } = answer;
  requiredParameter(responses, 'NEW_PASSWORD');
  const password = requiredString(responses, 'NEW_PASSWORD', PASSWORD);
  const asked = { challenge: 'NEW_PASSWORD_REQUIRED', username, clientId: client.id } as const;
  const session = pool.sessions.find(answer.session, asked, pool.now().getTime());
  sessionUser(pool, session);
  checkPasswordPolicy(password, pool.settings.passwordPolicy);
  const hash = await hashPassword(password);

  pool.sessions.redeem(session);
  const nowMs = pool.now().getTime();
  const user: User = {
    ...sessionUser(pool, session),
    status: 'CONFIRMED',
    password: hash,
    passwordSetAtMs: nowMs,
    modifiedAtMs: nowMs,
  };
  pool.store.commit({ type: 'user-saved', user });
  if (needsSoftwareToken(user)) return softwareTokenChallenge(pool, user, client);
  const source = 'TokenGeneration_NewPasswordChallenge';
  const tokens = await startFamily(pool, { user, client, source, clientMetadata });
  return { ChallengeParameters: {}, AuthenticationResult: tokens };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminRespondToAuthChallenge.html */
export async function adminRespondToAuthChallenge(pool: Pool, input: Input) {
  requirePool(pool, input);
  const client = requireClient(pool, input);
  const challenge = requiredString(input, 'ChallengeName');
  const responses = stringMap(input, 'ChallengeResponses');
  const username = requiredParameter(responses, 'USERNAME');
  checkSecretHash(client, username, responses.SECRET_HASH);
  const session = optionalString(input, 'Session', { maxLength: 2048 });
  if (!session) throw invalidParameter('Missing required parameter Session');

  const answer: Answer = { client, username, session };
  const clientMetadata = optionalObject(input, 'ClientMetadata') && stringMap(input, 'ClientMetadata');
  if (challenge === 'SOFTWARE_TOKEN_MFA') return answerSoftwareToken(pool, answer, responses, clientMetadata);
  if (challenge === 'NEW_PASSWORD_REQUIRED')
    return answerNewPassword(pool, answer, responses, clientMetadata);
  throw invalidParameter(`The challenge ${challenge} is not one this user pool issues`);
}
