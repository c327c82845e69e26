import { parseCognitoUser } from '../../shared/identity/cognito-user.ts';
import { retiredAmong, retireOrphan, wakeRetired } from '../../shared/store/reconciliation.ts';
import { readTenant } from '../../shared/store/tenants.ts';
import type { Deps } from './deps.ts';
import type { Orders } from './orders.ts';
import type { PoolUser } from './pool-users.ts';
import { listed, type Report } from './report.ts';

/**
 * Longer than any attempt to set a password may take, or the stream to disable what it replaced: a younger user may be
 * about to be pointed to, or to be disabled.
 */
const UNDER_WAY_MINUTES = 15;
const BATCH = 100;

/** Users of a company that no account of it points to: replaced passwords, and what a crash left behind. */
export async function reconcileUnclaimed(
  { table, clock }: Deps,
  orders: Orders,
  users: readonly PoolUser[],
  report: Report,
): Promise<void> {
  const now = clock();
  const isUnderWay = (since: Date) => now.getTime() - since.getTime() <= UNDER_WAY_MINUTES * 60_000;
  const retired = await retiredAmong(
    table,
    users.map(({ name }) => name),
  );
  for (const user of users) {
    const pointer = parseCognitoUser(user.name);
    const retiredOn = retired.get(user.name);
    if (pointer === undefined) {
      report.foreignUsers.found += 1;
      listed(report.foreignUsers.users, user.name);
    } else if (retiredOn !== undefined) {
      if (!user.enabled || isUnderWay(retiredOn)) continue;
      report.stillEnabled.found += 1;
      listed(report.stillEnabled.users, user.name);
      if (!orders.repair) continue;
      await wakeRetired(table, user.name, now);
      report.stillEnabled.woken += 1;
    } else if (!isUnderWay(user.createdOn)) {
      report.orphans.found += 1;
      listed(report.orphans.users, user.name);
      if (orders.repair && (await retireOrphan(table, pointer, now))) report.orphans.retired += 1;
    }
  }
}

/**
 * Users of companies that are gone, and users that were made by hand. The whole pool is listed first, which is what takes
 * long: where the time runs out by then, nothing was counted or changed, and the answer is false.
 */
export async function reconcileStrayUsers(
  deps: Deps,
  orders: Orders,
  users: AsyncIterable<PoolUser>,
  report: Report,
  hasTime: () => boolean,
): Promise<boolean> {
  const known = new Map<string, boolean>();
  const strays: PoolUser[] = [];
  for await (const user of users) {
    if (!hasTime()) return false;
    const tenant = parseCognitoUser(user.name)?.tenant;
    if (tenant !== undefined && !known.has(tenant)) {
      known.set(tenant, (await readTenant(deps.table, tenant)).tenant !== undefined);
    }
    if (tenant === undefined || !known.get(tenant)) strays.push(user);
  }
  report.cognitoUsers += strays.length;
  for (let from = 0; from < strays.length; from += BATCH) {
    await reconcileUnclaimed(deps, orders, strays.slice(from, from + BATCH), report);
  }
  return true;
}
