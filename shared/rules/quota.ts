/** The vendor's limit, for each account and endpoint; a tenant may set its own. */
export const DEFAULT_QUOTA_PER_HOUR = 1500;
/** Of a tenant's own limit: it binds its admins too, who must be able to raise it again, and to revoke what must go. */
export const LEAST_QUOTA_PER_HOUR = 60;
export const QUOTA_WINDOW_SECONDS = 3600;

/** Where an account stands in the clock hour. */
export type QuotaState = {
  readonly limit: number;
  readonly remaining: number;
  /** Until the next hour begins. */
  readonly resetSeconds: number;
  readonly exceeded: boolean;
};

export function quotaWindow(nowEpochSeconds: number): number {
  return Math.floor(nowEpochSeconds / QUOTA_WINDOW_SECONDS);
}

/** @param calls of this hour, this one among them. */
export function quotaState(calls: number, limit: number, nowEpochSeconds: number): QuotaState {
  return {
    limit,
    remaining: Math.max(0, limit - calls),
    resetSeconds: QUOTA_WINDOW_SECONDS - (nowEpochSeconds % QUOTA_WINDOW_SECONDS),
    exceeded: calls > limit,
  };
}
