import type * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { type AttemptsItem, attemptsWithNetwork, liftedAttempts, secondsToWait } from './attempts.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { attemptsKey, attemptsNetwork } from './keys.ts';
import { queryPage, type Table, transact, type Write } from './table.ts';

/** Guesses counted for an account from one network, or from all that it never signed in from. */
export type Throttle = {
  /** Undefined: all networks without a sign-in together. */
  readonly network: string | undefined;
  readonly failures: number;
  readonly guessesToday: number;
  /** Epoch seconds; undefined while attempts are let through. */
  readonly until: number | undefined;
  /** The same after a lift, which ends neither Cognito's quiet time nor the day's limit. */
  readonly untilOnceLifted: number | undefined;
  readonly seen: v.InferOutput<typeof attemptsWithNetwork>;
};

/** A transaction holds 100 writes; no account fails from more networks at once. */
const LIFTED_AT_ONCE = 90;

export async function readThrottles(
  table: Table,
  tenant: string,
  folded: string,
  now: Date,
): Promise<readonly Throttle[]> {
  const { items } = await queryPage(table, attemptsWithNetwork, {
    KeyConditionExpression: 'PK = :account',
    ExpressionAttributeValues: { ':account': { S: attemptsKey(tenant, folded, '').PK } },
    ConsistentRead: true,
  });
  return items
    .filter((item) => item.expiresAt > epochSeconds(now))
    .map((item) => throttleOf(item, now))
    .filter(({ failures, guessesToday }) => failures > 0 || guessesToday > 0);
}

function throttleOf(seen: Throttle['seen'], now: Date): Throttle {
  const until = (item: AttemptsItem) => {
    const wait = secondsToWait(item, now);
    return wait > 0 ? epochSeconds(now) + wait : undefined;
  };
  return {
    network: attemptsNetwork(seen.SK),
    failures: seen.failures,
    guessesToday: seen.day === now.toISOString().slice(0, 10) ? seen.today : 0,
    until: until(seen),
    untilOnceLifted: until(liftedAttempts(seen, now)),
    seen,
  };
}

/**
 * Ends the doubled waits, and answers what stands afterwards. What networks have proven stays, and so does what keeps
 * guesses from Cognito: see `liftedAttempts`.
 */
export async function liftThrottles(
  table: Table,
  account: { readonly tenant: string; readonly folded: string },
  throttles: readonly Throttle[],
  audit: AuditRecord,
): Promise<readonly Throttle[] | 'changed_meanwhile'> {
  const lifts = throttles.slice(0, LIFTED_AT_ONCE).map(({ seen }) => ({
    seen,
    lifted: { ...seen, ...liftedAttempts(seen, audit.at) },
  }));
  const [conflict] = await transact<'changed_meanwhile'>(table, [
    ...lifts.map(
      ({ seen, lifted }): Write<'changed_meanwhile'> => ({
        update: attemptsKey(account.tenant, account.folded, seen.SK),
        set: {
          expression: 'SET #failures = :failures, #level = :level',
          names: { '#failures': 'failures', '#level': 'level' },
          values: { ':failures': lifted.failures, ':level': lifted.level },
        },
        // A guess that came since is not forgotten.
        when: {
          expression: '#failures = :seenFailures AND #lastAt = :seenAt',
          names: { '#lastAt': 'lastAt' },
          values: { ':seenFailures': seen.failures, ':seenAt': seen.lastAt },
        },
        onConflict: 'changed_meanwhile',
      }),
    ),
    { put: auditItem(audit) },
  ]);
  return conflict ?? lifts.map(({ lifted }) => throttleOf(lifted, audit.at));
}
