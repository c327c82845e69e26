import { epochSeconds } from '../clock.ts';
import { type AttemptsItem, attemptsItem, attemptsWithNetwork } from './attempts.ts';
import { attemptsKey, UNPROVEN_NETWORKS } from './keys.ts';
import { type Condition, getItem, queryPage, type Table, type Write } from './table.ts';

/** Room in the transaction of a rename; programs sign in from few networks. */
const COPIED_NETWORKS = 20;

/**
 * Writes that copy the counted guesses of an account to its new name. Cognito goes on counting through a rename, so
 * without the copy whoever may rename the account could guess without limit, and bring on Cognito's lock (S5). The
 * networks that it proved are copied too, so that strangers' guesses do not stop it there (S6). The old name keeps its
 * counts: a wait that ended there would tell strangers that there was such an account (S1). What the old name proved
 * is forgotten after commit (`networks.ts`).
 */
export async function copyAttempts(
  table: Table,
  tenant: string,
  name: { readonly from: string; readonly to: string },
  now: Date,
): Promise<Write<'changed_meanwhile'>[]> {
  const from = attemptsKey(tenant, name.from, UNPROVEN_NETWORKS);
  const to = attemptsKey(tenant, name.to, UNPROVEN_NETWORKS);
  const [{ items }, there] = await Promise.all([
    queryPage(table, attemptsWithNetwork, {
      KeyConditionExpression: 'PK = :account',
      ExpressionAttributeValues: { ':account': { S: from.PK } },
      ConsistentRead: true,
    }),
    getItem(table, to, attemptsItem),
  ]);
  const shared = items.find((item) => item.SK === from.SK && item.expiresAt > epochSeconds(now));
  const until = ({ provenUntil = 0 }: AttemptsItem) => provenUntil;
  const proven = items.filter((item) => until(item) > epochSeconds(now)).sort((a, b) => until(b) - until(a));
  const onConflict = 'changed_meanwhile';
  return [
    { check: from, when: asSeen(shared, now), onConflict },
    ...(shared === undefined
      ? []
      : [{ put: { ...stricter(shared, there), ...to }, when: asSeen(there, now), onConflict } as const]),
    ...proven.slice(0, COPIED_NETWORKS).map((item) => ({ put: { ...item, PK: to.PK } })),
  ];
}

/** Whichever of two budgets leaves less. */
function stricter(one: AttemptsItem, other: AttemptsItem = one): AttemptsItem {
  const most = (of: (item: AttemptsItem) => number) => Math.max(of(one), of(other));
  const day = one.day > other.day ? one.day : other.day;
  return {
    ...one,
    failures: most(({ failures }) => failures),
    lastAt: most(({ lastAt }) => lastAt),
    level: most(({ level }) => level),
    day,
    today: most((item) => (item.day === day ? item.today : 0)),
    expiresAt: most(({ expiresAt }) => expiresAt),
  };
}

/** No guess came since. An item that expired counts as none. */
function asSeen(seen: AttemptsItem | undefined, now: Date): Condition {
  return seen === undefined
    ? {
        expression: 'attribute_not_exists(PK) OR #expiresAt <= :now',
        names: { '#expiresAt': 'expiresAt' },
        values: { ':now': epochSeconds(now) },
      }
    : {
        expression: '#lastAt = :seenAt AND #today = :seenToday AND #failures = :seenFailures',
        names: { '#lastAt': 'lastAt', '#today': 'today', '#failures': 'failures' },
        values: { ':seenAt': seen.lastAt, ':seenToday': seen.today, ':seenFailures': seen.failures },
      };
}
