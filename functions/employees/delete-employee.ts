import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { type Precondition, whileExpected } from '../../shared/http/etag.ts';
import { deleteEmployee as route } from '../../shared/routes/employee-states.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayDeleteEmployee } from '../../shared/rules/employee-changes.ts';
import { employeeActor } from '../../shared/store/audit.ts';
import { deleteEmployee } from '../../shared/store/employee-ends.ts';
import { accountFacts, employeeChanges } from '../../shared/store/employee-fields.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';

export const deleteEmployeeEndpoint = (table: Table) =>
  endpoint(route, (call) => whileExpected(call.headers, (expected) => deleteOnce(table, call, expected)));

async function deleteOnce(
  table: Table,
  { actor, params, origin, now }: Call<typeof route>,
  expected: Precondition,
): Promise<Outcome<typeof route>> {
  const { tenant } = actor;
  const employee = await readEmployee(table, tenant.tenant, params.id);
  if (employee === undefined) return refused({ reason: 'employee_unknown' });
  if (!expected(employee.version)) return refused({ reason: 'stale' });
  const { id } = employee;
  const roles = rolesOf(tenant, employee.roleIds);
  const decision = mayDeleteEmployee({
    before: accountFacts(employee, roles),
    activeAdministrators: tenant.activeAdministrators,
    actor: actor.facts,
  });
  if (!decision.ok) return decision;
  const [conflict] = await deleteEmployee(table, employee, roles, {
    effects: decision.value,
    audit: {
      tenant: tenant.tenant,
      at: now,
      action: 'employee.delete',
      outcome: 'done',
      actor: employeeActor(actor.employee),
      origin,
      employeeId: id,
      changes: employeeChanges(employee, undefined),
    },
  });
  if (conflict === undefined) return granted({ result: { id } });
  return refused({ reason: conflict === 'last_administrator' ? conflict : 'changed_meanwhile' });
}
