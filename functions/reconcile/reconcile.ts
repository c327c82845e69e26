import type { Context } from 'aws-lambda';
import { errorFields, logError, logInfo } from '../../shared/log.ts';
import { countFindings, countOutOfTime } from '../../shared/metrics.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { tenantSlug } from '../../shared/rules/names.ts';
import { ShapeError } from '../../shared/shape.ts';
import { owedMails, wakeMail } from '../../shared/store/owed-mails.ts';
import { noteReconciledUntil, reconciledUntil } from '../../shared/store/reconciliation.ts';
import { listTenants, readTenant } from '../../shared/store/tenants.ts';
import type { Deps } from './deps.ts';
import { type Orders, type OrdersRefusal, readOrders } from './orders.ts';
import { poolUsers } from './pool-users.ts';
import { countsOf, emptyReport, findingsOf, type Refused, type Report } from './report.ts';
import { reconcileStrayUsers } from './stray-users.ts';
import { reconcileTenant } from './tenant.ts';

/** Left over for the company under way: one of 20,000 accounts is listed in about a minute. */
const RESERVE_MILLISECONDS = 300_000;
/** Left over for what is done about the pool's strays, once all of them are known. */
const STRAYS_RESERVE_MILLISECONDS = 60_000;
const TENANTS_A_PAGE = 100;

/**
 * Compares the table with the user pool, and finds what a crash left behind (docs/decisions/0033). Started daily,
 * with `repair`; and by hand (npm run reconcile). Whatever it does may be done twice: every write is conditional.
 */
export function reconcile(deps: Deps) {
  return async (
    event: unknown,
    { getRemainingTimeInMillis }: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<Report | Refused> => {
    const hasTime: HasTime = (reserve) => getRemainingTimeInMillis() > reserve;
    try {
      const orders = await readableOrders(deps, event);
      if (!orders.ok) {
        const { reason, message } = orders.refusal;
        logInfo('reconcile_refused', { reason });
        return { refused: message };
      }
      const { resume } = orders.value;
      const report = await run(deps, resume ? await resumed(deps, orders.value) : orders.value, hasTime);
      if (resume) await noteReconciledUntil(deps.table, report.next ?? undefined);
      if (resume && report.next !== null) countOutOfTime();
      countFindings(findingsOf(report));
      logInfo('reconciled', { counts: countsOf(report), ...(report.next ? { reason: 'out_of_time' } : {}) });
      return report;
    } catch (error) {
      logError('reconcile_failed', errorFields(error));
      throw error;
    }
  };
}

async function readableOrders({ table }: Deps, event: unknown): Promise<Decision<Orders, OrdersRefusal>> {
  const orders = readOrders(event);
  if (!orders.ok || orders.value.tenant === undefined) return orders;
  const named = orders.value.tenant;
  // Folded as at sign-in.
  const tenant = tenantSlug(named);
  if ((await readTenant(table, tenant)).tenant !== undefined) return granted({ ...orders.value, tenant });
  const message = `There is no company "${named}": its sign-in name is asked for.`;
  return refused({ reason: 'company_unknown', message });
}

async function resumed({ table }: Deps, orders: Orders): Promise<Orders> {
  const after = await reconciledUntil(table);
  return after === undefined ? orders : { ...orders, after };
}

/** Whether more than these milliseconds are left. */
type HasTime = (reserve: number) => boolean;

async function run(deps: Deps, orders: Orders, hasTime: HasTime): Promise<Report> {
  const report = emptyReport(orders.repair);
  const { tenant: only } = orders;
  // A run by hand that goes on has woken the mails before; a daily one is a day later.
  if (orders.after === undefined || orders.resume) await reconcileMails(deps, orders, report);
  if (only !== undefined) {
    await reconcileOne(deps, orders, only, report);
    return report;
  }
  let { after } = orders;
  for (;;) {
    const page = await listTenants(deps.table, TENANTS_A_PAGE, after);
    for (const { tenant } of page.items) {
      if (!hasTime(RESERVE_MILLISECONDS)) return { ...report, next: after ?? '' };
      await reconcileOne(deps, orders, tenant, report);
      after = tenant;
    }
    if (page.lastKey === undefined) break;
  }
  // Where the time is short the next run begins here, and has all of it: one that has is not cut off.
  const mayGoOn = (reserve: number) => report.tenants === 0 || hasTime(reserve);
  const whole =
    mayGoOn(RESERVE_MILLISECONDS) &&
    (await reconcileStrayUsers(deps, orders, poolUsers(deps), report, () =>
      mayGoOn(STRAYS_RESERVE_MILLISECONDS),
    ));
  return whole ? report : { ...report, next: after ?? '' };
}

/** One that cannot be read holds up none behind it. */
async function reconcileOne(deps: Deps, orders: Orders, tenant: string, report: Report): Promise<void> {
  try {
    await reconcileTenant(deps, orders, tenant, report);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    report.unreadable.push(tenant);
  }
}

async function reconcileMails({ table, clock }: Deps, orders: Orders, report: Report): Promise<void> {
  const now = clock();
  const before = new Date(now.getTime() - orders.owedForMinutes * 60_000);
  for await (const mail of owedMails(table, before)) {
    if (orders.tenant !== undefined && mail.tenant !== orders.tenant) continue;
    report.owedMails.found += 1;
    if (orders.repair && (await wakeMail(table, mail, now))) report.owedMails.woken += 1;
  }
}
