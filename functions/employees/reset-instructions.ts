import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { type Precondition, whileExpected } from '../../shared/http/etag.ts';
import { resetInstructions as route } from '../../shared/routes/employees.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { withinOwnRights } from '../../shared/rules/employee-changes.ts';
import { linkMinutes } from '../../shared/rules/lifetimes.ts';
import { maySendInstructions } from '../../shared/rules/passwords.ts';
import { employeeActor } from '../../shared/store/audit.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { newReset, requestInstructions } from '../../shared/store/resets.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';

/** *Reset and send instructions* (M4): the mail itself leaves after commit. */
export const resetInstructionsEndpoint = (table: Table) =>
  endpoint(route, (call) => whileExpected(call.headers, (expected) => resetOnce(table, call, expected)));

async function resetOnce(
  table: Table,
  { actor, params, origin, now, keep }: Call<typeof route>,
  expected: Precondition,
): Promise<Outcome<typeof route>> {
  const { tenant } = actor.tenant;
  const employee = await readEmployee(table, tenant, params.id);
  if (employee === undefined) return refused({ reason: 'employee_unknown' });
  if (!expected(employee.version)) return refused({ reason: 'stale' });
  const reach = withinOwnRights(actor.facts, rolesOf(actor.tenant, employee.roleIds));
  if (!reach.ok) return reach;
  const mailable = maySendInstructions({ active: employee.active, emailAddress: employee.emailAddress });
  if (!mailable.ok) return mailable;
  const reset = newReset({ tenant, employeeId: employee.id, requestedBy: 'admin' }, now);
  const answer = {
    result: {
      id: employee.id,
      emailAddress: mailable.value,
      linkValidMinutes: linkMinutes(actor.tenant, 'admin'),
    },
    version: employee.version,
  };
  const audit = {
    tenant,
    at: now,
    action: 'employee.instructions',
    outcome: 'done',
    actor: employeeActor(actor.employee),
    origin,
    employeeId: employee.id,
    details: { resetId: reset.id },
  } as const;
  const [conflict] = await requestInstructions(table, employee, reset, audit, keep(answer));
  return conflict === undefined ? granted(answer) : refused({ reason: conflict });
}
