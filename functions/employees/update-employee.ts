import { epochSeconds } from '../../shared/clock.ts';
import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { updateEmployee as route } from '../../shared/routes/employees.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayChangeEmployee } from '../../shared/rules/employee-changes.ts';
import { changesBetween } from '../../shared/store/audit.ts';
import { changeEmployee, readEmployee, readLicences } from '../../shared/store/employees.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';
import { profileFrom, rolesNamed } from './fields.ts';
import { employeeView } from './view.ts';

/** A PATCH says what to change, not from what: so a change that came between is merged, not refused. */
const MERGE_ROUNDS = 4;

export const updateEmployeeEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    let outcome = await changeOnce(table, call);
    for (let round = 1; round < MERGE_ROUNDS; round += 1) {
      if (outcome.ok || outcome.refusal.reason !== 'changed_meanwhile') break;
      outcome = await changeOnce(table, call);
    }
    return outcome;
  });

async function changeOnce(table: Table, call: Call<typeof route>): Promise<Outcome<typeof route>> {
  const { tenant, facts: actor } = call.actor;
  const [before, licences] = await Promise.all([
    readEmployee(table, tenant.tenant, call.params.id),
    readLicences(table, tenant.tenant),
  ]);
  if (before === undefined) return refused({ reason: 'employee_unknown' });
  const after = changed(before, call);
  const roles = rolesNamed(tenant, after.roleIds);
  if (!roles.ok) return roles;
  const heldBefore = rolesOf(tenant, before.roleIds);
  const decision = mayChangeEmployee({
    before: { ...before, roles: heldBefore },
    after: { ...after, roles: roles.value },
    licences,
    activeAdministrators: tenant.activeAdministrators,
    actor,
  });
  if (!decision.ok) return decision;
  const [conflict] = await changeEmployee(
    table,
    before,
    after,
    { before: heldBefore, after: roles.value },
    {
      effects: decision.value,
      audit: auditOf(call, before, after),
    },
  );
  if (conflict === undefined) return granted({ result: employeeView(tenant, after) });
  return refusalOf(conflict, after.userName, licences.total);
}

function changed(before: EmployeeItem, { body, now }: Call<typeof route>): EmployeeItem {
  const {
    emailAddress,
    employeeNumber,
    jobTitle,
    department,
    location,
    timeZone,
    notes,
    resetId,
    mailProblem,
    ...kept
  } = before;
  const profile = { emailAddress, employeeNumber, jobTitle, department, location, timeZone, notes };
  const updated = profileFrom(body, profile);
  const active = body.isActive ?? before.active;
  return {
    ...kept,
    ...updated,
    // A link that went to another address, or to an account now inactive, is void.
    ...(resetId !== undefined && active && updated.emailAddress === emailAddress ? { resetId } : {}),
    ...(mailProblem !== undefined && updated.emailAddress === emailAddress ? { mailProblem } : {}),
    // Tokens ended by a deactivation do not come back to life with the account (M18).
    ...(before.active && !active ? { tokensValidAfter: epochSeconds(now) } : {}),
    userName: body.userName ?? before.userName,
    firstName: body.firstName ?? before.firstName,
    lastName: body.lastName ?? before.lastName,
    userType: body.userType ?? before.userType,
    active,
    sso: body.isSso ?? before.sso,
    roleIds: body.securityRoleIds ?? before.roleIds,
    modifiedOn: now.toISOString(),
  };
}

const AUDITED_FIELDS = [
  'userName',
  'firstName',
  'lastName',
  'emailAddress',
  'employeeNumber',
  'jobTitle',
  'department',
  'location',
  'timeZone',
  'notes',
  'userType',
  'active',
  'sso',
  'roleIds',
] as const;

function auditOf({ actor, origin, now }: Call<typeof route>, before: EmployeeItem, after: EmployeeItem) {
  return {
    tenant: before.tenant,
    at: now,
    action: 'employee.update',
    outcome: 'done',
    actor: { kind: 'employee', id: actor.employee.id, userType: actor.employee.userType },
    origin,
    employeeId: before.id,
    changes: changesBetween(before, after, AUDITED_FIELDS),
  } as const;
}

function refusalOf(
  conflict:
    | 'user_name_taken'
    | 'id_taken'
    | 'licences_exhausted'
    | 'last_administrator'
    | 'changed_meanwhile',
  userName: string,
  total: number,
): Outcome<typeof route> {
  if (conflict === 'user_name_taken') return refused({ reason: 'user_name_taken', userName });
  if (conflict === 'licences_exhausted') return refused({ reason: 'licences_exhausted', total, used: total });
  if (conflict === 'last_administrator') return refused({ reason: 'last_administrator' });
  return refused({ reason: 'changed_meanwhile' });
}
