import type { Origin } from '../../shared/store/audit.ts';

/** Where a call comes from, for code that a test calls in its own process. */
export const originFrom = (network: string): Origin => ({
  network,
  sourceAddress: network,
  userAgent: 'test',
  correlationId: 'test',
});
