/**
 * Failed sign-ins, as Cognito counts them per user name, known or not:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow-things-to-know.html
 * ("Lockout behavior for failed sign-in attempts")
 */
export type Attempts = {
  readonly failures: number;
  readonly lockedUntilMs: number;
  readonly lastAttemptMs: number;
};

const FREE_FAILURES = 5;
const LONGEST_LOCK_SECONDS = 15 * 60;
const QUIET_MS = 15 * 60 * 1000;

/** "... or not initiate any sign-in attempts for 15 consecutive minutes": the count is back at zero. */
export function isQuiet(attempts: Attempts, nowMs: number): boolean {
  return nowMs - attempts.lastAttemptMs >= QUIET_MS && nowMs >= attempts.lockedUntilMs;
}

export function isLocked(attempts: Attempts | undefined, nowMs: number): boolean {
  return attempts !== undefined && nowMs < attempts.lockedUntilMs;
}

/** From the fifth failure on, n failures lock for 2^(n-5) seconds. */
export function afterFailure(attempts: Attempts | undefined, nowMs: number): Attempts {
  const before = attempts && !isQuiet(attempts, nowMs) ? attempts.failures : 0;
  const failures = before + 1;
  const lockSeconds =
    failures < FREE_FAILURES ? 0 : Math.min(2 ** (failures - FREE_FAILURES), LONGEST_LOCK_SECONDS);
  return { failures, lockedUntilMs: nowMs + lockSeconds * 1000, lastAttemptMs: nowMs };
}

/** An attempt during the lock restarts the quiet time but "doesn't affect the duration of subsequent lockouts". */
export function afterRefusal(attempts: Attempts, nowMs: number): Attempts {
  return { ...attempts, lastAttemptMs: nowMs };
}
