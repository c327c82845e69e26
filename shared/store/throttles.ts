import * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { throttledUntil } from './attempts.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { attemptsItem } from './items.ts';
import { attemptsKey, attemptsNetwork, UNPROVEN_NETWORKS } from './keys.ts';
import { queryPage, type Table, transact } from './table.ts';

/** Guesses counted for an account from one network, or from all that it never signed in from. */
export type Throttle = {
  /** Undefined: all networks without a sign-in together. */
  readonly network: string | undefined;
  readonly failures: number;
  readonly guessesToday: number;
  /** Epoch seconds; undefined while attempts are let through. */
  readonly until: number | undefined;
  readonly sortKey: string;
};

const row = v.object({ ...attemptsItem.entries, SK: v.string() });
/** A transaction holds 100 writes; no account fails from more networks at once. */
const LIFTED_AT_ONCE = 90;

export async function readThrottles(
  table: Table,
  tenant: string,
  folded: string,
  now: Date,
): Promise<readonly Throttle[]> {
  const { items } = await queryPage(table, row, {
    KeyConditionExpression: 'PK = :account',
    ExpressionAttributeValues: { ':account': { S: attemptsKey(tenant, folded, '').PK } },
    ConsistentRead: true,
  });
  const seconds = epochSeconds(now);
  return items
    .filter((item) => item.failures > 0 && item.expiresAt > seconds)
    .map((item) => ({
      network: attemptsNetwork(item.SK),
      failures: item.failures,
      guessesToday: item.day === now.toISOString().slice(0, 10) ? item.today : 0,
      until: throttledUntil(item) > seconds ? throttledUntil(item) : undefined,
      sortKey: item.SK,
    }));
}

/** Every budget is whole again. What networks have proven stays. */
export async function liftThrottles(
  table: Table,
  account: { readonly tenant: string; readonly folded: string },
  throttles: readonly Throttle[],
  audit: AuditRecord,
): Promise<readonly 'changed_meanwhile'[]> {
  const keys = throttles
    .slice(0, LIFTED_AT_ONCE)
    .map(({ sortKey }) => attemptsKey(account.tenant, account.folded, sortKey));
  return transact<'changed_meanwhile'>(table, [
    ...keys.map((key) =>
      key.SK === UNPROVEN_NETWORKS
        ? { remove: key }
        : {
            update: key,
            set: {
              expression: 'SET #failures = :none, #level = :none, #today = :none',
              names: { '#failures': 'failures', '#level': 'level', '#today': 'today' },
              values: { ':none': 0 },
            } as const,
            when: { expression: 'attribute_exists(PK)' },
            onConflict: 'changed_meanwhile' as const,
          },
    ),
    { put: auditItem(audit) },
  ]);
}
