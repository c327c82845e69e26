/** The administrator's operations on users, all of them signed with AWS credentials. */
import { randomBytes, randomUUID } from 'node:crypto';
import { requirePool } from './clients.ts';
import { invalidParameter, UserPoolError, userNotFound } from './errors.ts';
import {
  attributeList,
  type Input,
  optionalBoolean,
  optionalString,
  PASSWORD,
  requiredString,
  USERNAME,
} from './input.ts';
import { mfaFields, mfaPreference } from './mfa.ts';
import { checkPasswordPolicy, hashPassword } from './passwords.ts';
import type { Pool } from './pool.ts';
import type { User } from './store.ts';

/** https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html */
const STANDARD_ATTRIBUTES = new Set([
  ...['address', 'birthdate', 'email', 'email_verified', 'family_name', 'gender', 'given_name', 'locale'],
  ...[
    'middle_name',
    'name',
    'nickname',
    'phone_number',
    'phone_number_verified',
    'picture',
    'preferred_username',
  ],
  ...['profile', 'updated_at', 'website', 'zoneinfo'],
]);

/** The pool defines no custom attributes, and `sub` is Cognito's to give. */
export function settableAttributes(input: Input): Readonly<Record<string, string>> {
  const attributes = attributeList(input, 'UserAttributes');
  for (const name of Object.keys(attributes)) {
    if (!STANDARD_ATTRIBUTES.has(name)) {
      throw invalidParameter(
        `Attributes did not conform to the schema: ${name}: Attribute does not exist in the schema.`,
      );
    }
  }
  return attributes;
}

export const attributesOf = (user: User) =>
  Object.entries({ sub: user.sub, ...user.attributes }).map(([Name, Value]) => ({ Name, Value }));

/** Dates travel as seconds since 1970, with fractions. */
const onTheWire = (ms: number) => ms / 1000;

const commonFields = (user: User) => ({
  Username: user.username,
  UserCreateDate: onTheWire(user.createdAtMs),
  UserLastModifiedDate: onTheWire(user.modifiedAtMs),
  Enabled: user.enabled,
  UserStatus: user.status,
});

export const userType = (user: User) => ({ ...commonFields(user), Attributes: attributesOf(user) });

function requireUser(pool: Pool, input: Input): User {
  requirePool(pool, input);
  const user = pool.store.user(requiredString(input, 'Username', USERNAME));
  if (!user) throw userNotFound();
  return user;
}

function save(pool: Pool, user: User): void {
  pool.store.commit({ type: 'user-saved', user: { ...user, modifiedAtMs: pool.now().getTime() } });
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html */
export async function adminCreateUser(pool: Pool, input: Input) {
  requirePool(pool, input);
  const username = requiredString(input, 'Username', USERNAME);
  if (optionalString(input, 'MessageAction') !== 'SUPPRESS') {
    throw invalidParameter('MessageAction must be SUPPRESS: the local user pool sends no invitations');
  }
  const attributes = settableAttributes(input);
  const given = optionalString(input, 'TemporaryPassword', PASSWORD);
  if (given !== undefined) checkPasswordPolicy(given, pool.settings.passwordPolicy);
  const refuseExisting = () => {
    if (pool.store.user(username)) {
      throw new UserPoolError('UsernameExistsException', 'User account already exists');
    }
  };
  refuseExisting();
  // Without one, Cognito makes a temporary password; with the message suppressed nobody ever learns it.
  const password = await hashPassword(given ?? randomBytes(32).toString('base64'));
  refuseExisting();

  const nowMs = pool.now().getTime();
  const user: User = {
    username,
    sub: randomUUID(),
    enabled: true,
    status: 'FORCE_CHANGE_PASSWORD',
    attributes,
    password,
    passwordSetAtMs: nowMs,
    softwareToken: null,
    mfa: { enabled: false, preferred: false },
    accessTokensVoidUntilMs: 0,
    createdAtMs: nowMs,
    modifiedAtMs: nowMs,
  };
  pool.store.commit({ type: 'user-saved', user });
  return { User: userType(user) };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserPassword.html */
export async function adminSetUserPassword(pool: Pool, input: Input) {
  requireUser(pool, input);
  const password = requiredString(input, 'Password', PASSWORD);
  const permanent = optionalBoolean(input, 'Permanent') ?? false;
  checkPasswordPolicy(password, pool.settings.passwordPolicy);
  const hash = await hashPassword(password);
  save(pool, {
    ...requireUser(pool, input),
    password: hash,
    passwordSetAtMs: pool.now().getTime(),
    status: permanent ? 'CONFIRMED' : 'FORCE_CHANGE_PASSWORD',
  });
  return {};
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminGetUser.html */
export async function adminGetUser(pool: Pool, input: Input) {
  const user = requireUser(pool, input);
  return { ...commonFields(user), UserAttributes: attributesOf(user), ...mfaFields(user) };
}

/**
 * "Deactivates a user profile and revokes all access tokens for the user." Refresh tokens are refused while the user
 * is disabled and work again afterwards; only a global sign-out ends them.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableUser.html
 */
export async function adminDisableUser(pool: Pool, input: Input) {
  save(pool, { ...requireUser(pool, input), enabled: false, accessTokensVoidUntilMs: pool.now().getTime() });
  return {};
}

export async function adminEnableUser(pool: Pool, input: Input) {
  save(pool, { ...requireUser(pool, input), enabled: true });
  return {};
}

export async function adminDeleteUser(pool: Pool, input: Input) {
  pool.store.commit({ type: 'user-deleted', username: requireUser(pool, input).username });
  return {};
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUserGlobalSignOut.html */
export async function adminUserGlobalSignOut(pool: Pool, input: Input) {
  pool.store.commit({ type: 'families-ended', sub: requireUser(pool, input).sub });
  return {};
}

export async function adminSetUserMfaPreference(pool: Pool, input: Input) {
  const user = requireUser(pool, input);
  save(pool, { ...user, mfa: mfaPreference(user, input) });
  return {};
}
