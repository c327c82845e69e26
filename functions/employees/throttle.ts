import type { Throttle } from '../../shared/store/throttles.ts';

/** Guesses against an account, as an admin sees them. */
export function throttleView(throttles: readonly Throttle[]) {
  const time = (until: number | undefined) =>
    until === undefined ? null : new Date(until * 1000).toISOString();
  return {
    isThrottled: throttles.some(({ until }) => until !== undefined),
    networks: throttles.map(({ network, failures, guessesToday, until, untilOnceLifted }) => ({
      network: network ?? null,
      failures,
      guessesToday,
      throttledUntil: time(until),
      throttledUntilOnceLifted: time(untilOnceLifted),
    })),
  };
}
