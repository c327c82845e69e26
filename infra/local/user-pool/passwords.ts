import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { UserPoolError } from './errors.ts';
import type { PoolSettings } from './settings.ts';

/** scrypt, salted per user; the cost is kept with the hash, so raising it leaves old hashes readable. */
export type PasswordHash = { readonly salt: string; readonly hash: string; readonly cost: number };

/**
 * Modest, for passwords made up on a development machine: some 15 ms of one core, off the event loop, so that two
 * hundred sign-ins at once take two seconds on two cores (at 2^14, seven).
 */
const COST = 2 ** 12;
const HASH_BYTES = 32;
const SALT_BYTES = 16;

const derive = (password: string, salt: Buffer, cost: number) =>
  new Promise<Buffer>((resolve, reject) => {
    scrypt(password, salt, HASH_BYTES, { N: cost }, (error, key) => (error ? reject(error) : resolve(key)));
  });

export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST);
  return { salt: salt.toString('base64'), hash: hash.toString('base64'), cost: COST };
}

/** For user names that don't exist: the same work as for one that does, so that time tells nothing. */
const NOBODY: PasswordHash = {
  salt: randomBytes(SALT_BYTES).toString('base64'),
  hash: randomBytes(HASH_BYTES).toString('base64'),
  cost: COST,
};

export async function passwordMatches(password: string, known: PasswordHash | undefined): Promise<boolean> {
  const { salt, hash, cost } = known ?? NOBODY;
  const derived = await derive(password, Buffer.from(salt, 'base64'), cost);
  return timingSafeEqual(derived, Buffer.from(hash, 'base64')) && known !== undefined;
}

/** The special characters that satisfy `requireSymbols`. */
const SYMBOL = /[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+\- ]/;

/** https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html */
export function checkPasswordPolicy(password: string, policy: PoolSettings['passwordPolicy']): void {
  const refuse = (why: string) =>
    new UserPoolError('InvalidPasswordException', `Password did not conform with policy: ${why}`);
  if (password.length < policy.minimumLength) throw refuse('Password not long enough');
  if (policy.requireLowercase && !/[a-z]/.test(password))
    throw refuse('Password must have lowercase characters');
  if (policy.requireUppercase && !/[A-Z]/.test(password))
    throw refuse('Password must have uppercase characters');
  if (policy.requireNumbers && !/[0-9]/.test(password)) throw refuse('Password must have numeric characters');
  if (policy.requireSymbols && !SYMBOL.test(password)) throw refuse('Password must have symbol characters');
}
