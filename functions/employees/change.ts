import { epochSeconds } from '../../shared/clock.ts';
import type { Answer, BearerActor } from '../../shared/http/call.ts';
import { parseIfMatch } from '../../shared/http/etag.ts';
import type { StoreRefusal } from '../../shared/refusal.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import {
  type EmployeeRefusal,
  mayChangeEmployee,
  voidedByEdit,
} from '../../shared/rules/employee-changes.ts';
import { isApiEmployee } from '../../shared/rules/user-types.ts';
import { type AuditAction, employeeActor, type Origin } from '../../shared/store/audit.ts';
import { accountFacts, employeeChanges, rolesNamed } from '../../shared/store/employee-fields.ts';
import { changeEmployee, readEmployee, readLicences } from '../../shared/store/employees.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Table, Write } from '../../shared/store/table.ts';
import { readTenant } from '../../shared/store/tenants.ts';
import { employeeView } from './view.ts';

/** Without If-Match a change says what to set, not from what: one that came between is merged, not refused. */
const ROUNDS = 4;

type ChangeCall = {
  readonly actor: BearerActor;
  readonly params: { readonly id: number };
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly origin: Origin;
  readonly now: Date;
  readonly keep: (answer: Answer) => readonly Write<'changed_meanwhile'>[];
};

type ChangeRefusal =
  | EmployeeRefusal
  | Extract<StoreRefusal, { reason: 'employee_unknown' | 'user_name_taken' | 'changed_meanwhile' | 'stale' }>
  | { readonly reason: 'invalid_fields'; readonly problems: readonly string[] };

/** Edit, activate, deactivate: the same rules, the same write, the same audit. */
export async function change(
  table: Table,
  call: ChangeCall,
  action: AuditAction,
  edit: (before: EmployeeItem) => EmployeeItem,
): Promise<Decision<Answer, ChangeRefusal>> {
  const expected = parseIfMatch(call.headers['if-match']);
  if (!expected.ok) return expected;
  const { facts: actor } = call.actor;
  let { tenant } = call.actor;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const [before, licences, fresh] = await Promise.all([
      readEmployee(table, tenant.tenant, call.params.id),
      readLicences(table, tenant.tenant),
      // What lost the race may be what was known of the roles (M12).
      round === 1 ? undefined : readTenant(table, tenant.tenant),
    ]);
    tenant = fresh?.tenant ?? tenant;
    if (before === undefined) return refused({ reason: 'employee_unknown' });
    if (!expected.value(before.version)) return refused({ reason: 'stale' });
    const after = withConsequences(before, edit(before), call.now);
    const roles = rolesNamed(tenant, after.roleIds);
    if (!roles.ok) return roles;
    const held = { before: rolesOf(tenant, before.roleIds), after: roles.value };
    const decision = mayChangeEmployee({
      before: accountFacts(before, held.before),
      after: accountFacts(after, held.after),
      licences,
      activeAdministrators: tenant.activeAdministrators,
      actor,
    });
    if (!decision.ok) return decision;
    const changes = employeeChanges(before, after);
    if (Object.keys(changes).length === 0) {
      // Already so: nothing to write, and nothing to tell the audit.
      return granted({ result: employeeView(tenant, before), version: before.version });
    }
    const version = before.version + 1;
    const answer = { result: employeeView(tenant, after), version };
    const [conflict] = await changeEmployee(table, before, after, held, {
      effects: decision.value,
      audit: { ...auditOf(call, action, before), changes },
      alongside: call.keep(answer),
    });
    if (conflict === undefined) return granted(answer);
    if (conflict === 'user_name_taken') return refused({ reason: conflict, userName: after.userName });
    if (conflict === 'last_administrator') return refused({ reason: conflict });
  }
  return refused({ reason: 'changed_meanwhile' });
}

function withConsequences(before: EmployeeItem, edited: EmployeeItem, now: Date): EmployeeItem {
  return {
    ...edited,
    ...Object.fromEntries(voidedByEdit(before, edited).map((field) => [field, undefined])),
    // What a deactivation or the SSO mark ended, or was issued meanwhile, does not come back to life (M18).
    ...(before.active !== edited.active || marksSso(before, edited)
      ? { tokensValidAfter: Math.max(before.tokensValidAfter, epochSeconds(now)) }
      : {}),
    modifiedOn: now.toISOString(),
  };
}

/** The mark says nothing of an API Employee's sign-in. */
function marksSso(before: EmployeeItem, after: EmployeeItem): boolean {
  return before.sso !== after.sso && !isApiEmployee(after.userType);
}

function auditOf({ actor, origin, now }: ChangeCall, action: AuditAction, before: EmployeeItem) {
  return {
    tenant: before.tenant,
    at: now,
    action,
    outcome: 'done',
    actor: employeeActor(actor.employee),
    origin,
    employeeId: before.id,
  } as const;
}
