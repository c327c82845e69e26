/**
 * Cognito's operations that anyone on the internet may call without credentials, refused as this pool's settings
 * demand. They are here so that a product relying on one of them fails on this machine as it would on AWS.
 */
import { checkSecretHash, requireClient } from './clients.ts';
import { invalidParameter, notAuthorized, UserPoolError } from './errors.ts';
import {
  type Input,
  optionalString,
  requiredParameter,
  requiredString,
  stringMap,
  USERNAME,
} from './input.ts';
import type { Pool } from './pool.ts';

function checkCaller(pool: Pool, input: Input): void {
  const client = requireClient(pool, input);
  const username = requiredString(input, 'Username', USERNAME);
  checkSecretHash(client, username, optionalString(input, 'SecretHash', { maxLength: 128 }));
}

/**
 * AllowAdminCreateUserOnly.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
 */
export async function signUp(pool: Pool, input: Input): Promise<never> {
  checkCaller(pool, input);
  throw notAuthorized('SignUp is not permitted for this user pool');
}

/**
 * Account recovery admin_only: the same for every user name, known or not.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
 */
export async function forgotPassword(pool: Pool, input: Input): Promise<never> {
  checkCaller(pool, input);
  throw notAuthorized('Contact administrator to reset password.');
}

/**
 * No code was ever sent, so none is right; with PreventUserExistenceErrors an unknown user gets the same answer.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
 */
export async function refuseConfirmationCode(pool: Pool, input: Input): Promise<never> {
  checkCaller(pool, input);
  requiredString(input, 'ConfirmationCode', { maxLength: 2048 });
  throw new UserPoolError('ExpiredCodeException', 'Invalid code provided, please request a code again.');
}

/** The pool verifies no attribute (autoVerifiedAttributes is empty). */
export async function resendConfirmationCode(pool: Pool, input: Input): Promise<never> {
  checkCaller(pool, input);
  throw invalidParameter('Cannot resend codes. Auto verification not turned on.');
}

/**
 * Both clients allow ADMIN_USER_PASSWORD_AUTH only, which InitiateAuth does not take.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
 */
export async function initiateAuth(pool: Pool, input: Input): Promise<never> {
  requireClient(pool, input);
  const flow = requiredString(input, 'AuthFlow');
  if (flow.startsWith('ADMIN_')) throw invalidParameter('Initiate Auth method not supported.');
  throw invalidParameter(`${flow} flow not enabled for this client`);
}

/** InitiateAuth opens no session here, so none fits; those of AdminInitiateAuth need AWS credentials. */
export async function respondToAuthChallenge(pool: Pool, input: Input): Promise<never> {
  const client = requireClient(pool, input);
  requiredString(input, 'ChallengeName');
  const responses = stringMap(input, 'ChallengeResponses');
  checkSecretHash(client, requiredParameter(responses, 'USERNAME'), responses.SECRET_HASH);
  throw notAuthorized('Invalid session for the user.');
}
