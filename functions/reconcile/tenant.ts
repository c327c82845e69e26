import { epochSeconds } from '../../shared/clock.ts';
import { cognitoUserName, parseCognitoUser } from '../../shared/identity/cognito-user.ts';
import { effectsBetween } from '../../shared/rules/employee-changes.ts';
import { maySendInstructions } from '../../shared/rules/passwords.ts';
import { accountFacts } from '../../shared/store/employee-fields.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import type { EmployeeItem, TenantItem } from '../../shared/store/items.ts';
import { employeesOf, replaceLostCredential } from '../../shared/store/reconciliation.ts';
import { newReset, readReset } from '../../shared/store/resets.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import { readTenant } from '../../shared/store/tenants.ts';
import type { Deps } from './deps.ts';
import type { Orders } from './orders.ts';
import { type PoolUser, poolUsers, whyLost } from './pool-users.ts';
import { type LinkOutcome, listed, type Report } from './report.ts';
import { reconcileUnclaimed } from './stray-users.ts';

/** A mail that is owed no longer than this counts as on its way. */
const MAIL_ON_ITS_WAY_HOURS = 24;
/** Accounts asked for by name: well below the 120 a second that Cognito answers for an account and region. */
const AT_ONCE = 8;

type WithPassword = EmployeeItem & { readonly generation: string };

/**
 * One company from both sides. The pool is listed first: whatever an account points to afterwards that the list
 * lacks is new, or lost, and is asked for by name.
 */
export async function reconcileTenant(
  deps: Deps,
  orders: Orders,
  name: string,
  report: Report,
): Promise<void> {
  const before = await readTenant(deps.table, name);
  const users = new Map<string, PoolUser>();
  for await (const user of poolUsers(deps, name)) users.set(user.name, user);
  report.cognitoUsers += users.size;
  const suspects: WithPassword[] = [];
  const counted = { licences: 0, administrators: 0 };
  for await (const employee of employeesOf(deps.table, name)) {
    report.employees += 1;
    if (before.tenant !== undefined) {
      const roles = rolesOf(before.tenant, employee.roleIds);
      const effects = effectsBetween(undefined, accountFacts(employee, roles));
      counted.licences += effects.licences;
      counted.administrators += effects.administrators;
    }
    const { generation } = employee;
    if (generation === undefined) continue;
    const user = cognitoUserName({ tenant: name, employeeId: employee.id, generation });
    if (users.get(user)?.enabled !== true) suspects.push({ ...employee, generation });
    users.delete(user);
  }
  report.tenants += 1;
  const after = await readTenant(deps.table, name);
  // A company that is being removed loses its accounts before its users; one that is gone has neither.
  if (after.tenant === undefined || after.tenant.deletingOn !== undefined) return;
  if (countersOf(before) === countersOf(after)) noteDrift(before, counted, report);
  const { tenant } = after;
  for (let from = 0; from < suspects.length; from += AT_ONCE) {
    const part = suspects.slice(from, from + AT_ONCE);
    await Promise.all(part.map((employee) => reconcileLost(deps, orders, tenant, employee, report)));
  }
  // What was made by hand is told once, with the users of no company.
  const ours = [...users.values()].filter(({ name: user }) => parseCognitoUser(user) !== undefined);
  await reconcileUnclaimed(deps, orders, ours, report);
}

type Read = Awaited<ReturnType<typeof readTenant>>;

/** Every count of employees and roles that a change would have moved. */
function countersOf({ tenant, licences }: Read): string {
  const counts = Object.entries(licences ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([counts, tenant?.activeAdministrators, tenant?.rolesVersion]);
}

/** Only where nothing changed while the accounts were counted. */
function noteDrift(
  { tenant, licences }: Read,
  counted: { readonly licences: number; readonly administrators: number },
  report: Report,
): void {
  if (tenant === undefined || licences === undefined) return;
  const stored = { licences: licences.used, administrators: tenant.activeAdministrators };
  for (const counter of ['licences', 'administrators'] as const) {
    if (stored[counter] === counted[counter]) continue;
    const figures = { stored: stored[counter], counted: counted[counter] };
    report.drift.push({ tenant: tenant.tenant, counter, ...figures });
  }
}

async function reconcileLost(
  deps: Deps,
  orders: Orders,
  tenant: TenantItem,
  { id, generation }: WithPassword,
  report: Report,
): Promise<void> {
  const why = await whyLost(deps, cognitoUserName({ tenant: tenant.tenant, employeeId: id, generation }));
  // Once more: the account may have another password by now, or be gone.
  const employee = await readEmployee(deps.table, tenant.tenant, id);
  if (why === undefined || employee?.generation !== generation) return;
  const link = orders.sendLinks ? await oweLink(deps, { ...employee, generation }) : 'not_asked';
  report.lostCredentials.found += 1;
  if (link === 'owed') report.lostCredentials.linksOwed += 1;
  listed(report.lostCredentials.accounts, { tenant: tenant.tenant, employeeId: id, why, link });
}

/** Another link would only void the one that its owner may be about to open. */
async function linkStands(
  table: Deps['table'],
  { instructionsState, instructionsOn, resetId }: EmployeeItem,
  now: Date,
): Promise<boolean> {
  const since = now.getTime() - MAIL_ON_ITS_WAY_HOURS * 3_600_000;
  if (instructionsState === 'pending' && Date.parse(instructionsOn ?? '') > since) return true;
  const newest = resetId === undefined ? undefined : await readReset(table, resetId);
  const { state, linkExpiresAt = 0 } = newest?.reset ?? {};
  return state !== 'used' && linkExpiresAt > epochSeconds(now);
}

async function oweLink({ table, clock }: Deps, employee: WithPassword): Promise<LinkOutcome> {
  const now = clock();
  const { tenant, id, active, emailAddress } = employee;
  const mailable = maySendInstructions({ active, emailAddress });
  if (!mailable.ok) return mailable.refusal.reason;
  if (await linkStands(table, employee, now)) return 'open';
  const reset = newReset({ tenant, employeeId: id, requestedBy: 'setup' }, now);
  const written = await replaceLostCredential(table, employee, reset, {
    tenant,
    at: now,
    action: 'employee.instructions',
    outcome: 'done',
    reason: 'credential_lost',
    actor: { kind: 'system' },
    employeeId: id,
    details: { resetId: reset.id },
  });
  return written ? 'owed' : 'changed_meanwhile';
}
