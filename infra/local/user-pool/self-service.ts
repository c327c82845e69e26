/**
 * What the holder of an access token may do to its own user: everything here, provided the token has the scope
 * aws.cognito.signin.user.admin.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-public-server-side.html
 */
import { attributesOf, settableAttributes } from './admin-users.ts';
import { checkPassword } from './attempts.ts';
import { notAuthorized, UserPoolError, userDisabled, userNotFound } from './errors.ts';
import { type Input, optionalString, PASSWORD, requiredString } from './input.ts';
import { verifyJwt } from './jwt.ts';
import { mfaFields, mfaPreference } from './mfa.ts';
import { checkPasswordPolicy, hashPassword } from './passwords.ts';
import type { Pool } from './pool.ts';
import { USER_ADMIN_SCOPE } from './pre-token.ts';
import type { User } from './store.ts';
import { checkCode, newSecret } from './totp.ts';

/** The user behind `AccessToken`, as it is now. */
function tokenUser(pool: Pool, input: Input): User {
  const claims = verifyJwt(pool.identity.keys.access, requiredString(input, 'AccessToken'));
  if (claims?.token_use !== 'access') throw notAuthorized('Invalid Access Token');
  const nowMs = pool.now().getTime();
  if (nowMs >= Number(claims.exp) * 1000) throw notAuthorized('Access Token has expired');
  const scopes = typeof claims.scope === 'string' ? claims.scope.split(' ') : [];
  if (!scopes.includes(USER_ADMIN_SCOPE)) throw notAuthorized('Access Token does not have required scopes');

  const user = pool.store.user(String(claims.username));
  if (!user || user.sub !== claims.sub) throw userNotFound();
  const revoked =
    pool.store.family(String(claims.origin_jti))?.ended !== false ||
    Number(claims.iat) * 1000 <= user.accessTokensVoidUntilMs;
  if (revoked) throw notAuthorized('Access Token has been revoked');
  if (!user.enabled) throw userDisabled();
  return user;
}

function save(pool: Pool, user: User): void {
  pool.store.commit({ type: 'user-saved', user: { ...user, modifiedAtMs: pool.now().getTime() } });
}

export async function getUser(pool: Pool, input: Input) {
  const user = tokenUser(pool, input);
  return { Username: user.username, UserAttributes: attributesOf(user), ...mfaFields(user) };
}

export async function deleteUser(pool: Pool, input: Input) {
  pool.store.commit({ type: 'user-deleted', username: tokenUser(pool, input).username });
  return {};
}

export async function updateUserAttributes(pool: Pool, input: Input) {
  const user = tokenUser(pool, input);
  save(pool, { ...user, attributes: { ...user.attributes, ...settableAttributes(input) } });
  return { CodeDeliveryDetailsList: [] };
}

export async function globalSignOut(pool: Pool, input: Input) {
  pool.store.commit({ type: 'families-ended', sub: tokenUser(pool, input).sub });
  return {};
}

export async function setUserMfaPreference(pool: Pool, input: Input) {
  const user = tokenUser(pool, input);
  save(pool, { ...user, mfa: mfaPreference(user, input) });
  return {};
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html */
export async function changePassword(pool: Pool, input: Input) {
  const { username } = tokenUser(pool, input);
  const previous = requiredString(input, 'PreviousPassword', { maxLength: PASSWORD.maxLength });
  const proposed = requiredString(input, 'ProposedPassword', PASSWORD);
  await checkPassword(pool, username, previous);
  checkPasswordPolicy(proposed, pool.settings.passwordPolicy);
  const password = await hashPassword(proposed);
  save(pool, {
    ...tokenUser(pool, input),
    password,
    passwordSetAtMs: pool.now().getTime(),
    status: 'CONFIRMED',
  });
  return {};
}

/**
 * "... immediately disassociates the existing software token from the user account. If the user doesn't subsequently
 * verify the software token, their account is set up to authenticate without MFA."
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AssociateSoftwareToken.html
 */
export async function associateSoftwareToken(pool: Pool, input: Input) {
  const user = tokenUser(pool, input);
  const secret = newSecret();
  save(pool, {
    ...user,
    softwareToken: { secret, verified: false, usedSteps: [] },
    mfa: { enabled: false, preferred: false },
  });
  return { SecretCode: secret };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_VerifySoftwareToken.html */
export async function verifySoftwareToken(pool: Pool, input: Input) {
  const user = tokenUser(pool, input);
  const code = requiredString(input, 'UserCode', { maxLength: 6, pattern: /^[0-9]+$/ });
  optionalString(input, 'FriendlyDeviceName', { maxLength: 131_072 });
  if (!user.softwareToken) {
    throw new UserPoolError(
      'SoftwareTokenMFANotFoundException',
      'Software Token MFA does not exist for the user.',
    );
  }
  const check = checkCode(user.softwareToken, code, pool.now().getTime());
  if (check.result === 'used') {
    throw new UserPoolError('ExpiredCodeException', 'Your software token has already been used once.');
  }
  if (check.result === 'mismatch') {
    throw new UserPoolError(
      'EnableSoftwareTokenMFAException',
      'Code mismatch and fail enable Software Token MFA',
    );
  }
  save(pool, { ...user, softwareToken: { ...check.token, verified: true } });
  return { Status: 'SUCCESS' };
}
