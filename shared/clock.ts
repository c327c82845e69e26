export const DAY_SECONDS = 86_400;

/** The one source of time; tests pass their own. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

export function epochSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
