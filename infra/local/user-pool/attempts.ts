/** The lockout rules applied to the store, and the one place where a password is checked. */
import { incorrectCredentials, notAuthorized } from './errors.ts';
import { afterFailure, afterRefusal, isLocked } from './lockout.ts';
import { passwordMatches } from './passwords.ts';
import type { Pool } from './pool.ts';
import type { User } from './store.ts';

export function refuseWhileLocked(pool: Pool, username: string): void {
  const nowMs = pool.now().getTime();
  const attempts = pool.store.attempts(username);
  if (!attempts || !isLocked(attempts, nowMs)) return;
  pool.store.commit({ type: 'attempts-saved', username, attempts: afterRefusal(attempts, nowMs) });
  throw notAuthorized('Password attempts exceeded');
}

export function recordFailure(pool: Pool, username: string): void {
  const attempts = afterFailure(pool.store.attempts(username), pool.now().getTime());
  pool.store.commit({ type: 'attempts-saved', username, attempts });
}

/** Only a finished sign-in clears the count: a right password followed by wrong codes must not. */
export function clearFailures(pool: Pool, username: string): void {
  if (pool.store.attempts(username)) pool.store.commit({ type: 'attempts-cleared', username });
}

export async function checkPassword(pool: Pool, username: string, password: string): Promise<User> {
  refuseWhileLocked(pool, username);
  const user = pool.store.user(username);
  const matches = await passwordMatches(password, user?.password);
  // Of a burst of guesses, those still being hashed when the lock fell are refused by it, right or wrong.
  refuseWhileLocked(pool, username);
  const current = pool.store.user(username);
  if (!matches || !current || current.password !== user?.password) {
    recordFailure(pool, username);
    throw incorrectCredentials();
  }
  return current;
}
