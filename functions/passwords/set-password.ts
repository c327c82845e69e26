import { type Call, endpoint } from '../../shared/http/call.ts';
import { type Precondition, whileExpected } from '../../shared/http/etag.ts';
import { acceptPasswordFor } from '../../shared/identity/account-passwords.ts';
import { setPassword } from '../../shared/routes/passwords.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { withinOwnRights } from '../../shared/rules/employee-changes.ts';
import { maySetPasswordByHand } from '../../shared/rules/passwords.ts';
import { employeeActor } from '../../shared/store/audit.ts';
import { readEmployee, takeVersion } from '../../shared/store/employees.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Deps } from './deps.ts';
import { setByHand } from './set-by-hand.ts';

/** M6: for people only. */
export const setPasswordEndpoint = (deps: Deps) =>
  endpoint(setPassword, async (call) => {
    const { actor, headers, origin } = call;
    const begun = await whileExpected(headers, (expected) => begin(deps, call, expected));
    if (!begun.ok) return begun;
    const { employee, password } = begun.value;
    const set = await setByHand(deps, employee, password, {
      actor: employeeActor(actor.employee),
      origin,
    });
    return set.ok ? granted({ result: { id: employee.id } }) : set;
  });

/** All that is decided before the user pool is told: what it once has, no condition takes back. */
async function begin(
  { table }: Deps,
  { actor, params, body, headers }: Call<typeof setPassword>,
  expected: Precondition,
) {
  const { tenant } = actor;
  const employee = await readEmployee(table, tenant.tenant, params.id);
  if (employee === undefined) return refused({ reason: 'employee_unknown' });
  if (!expected(employee.version)) return refused({ reason: 'stale' });
  const byHand = maySetPasswordByHand(employee.userType);
  if (!byHand.ok) return byHand;
  const reach = withinOwnRights(actor.facts, rolesOf(tenant, employee.roleIds));
  if (!reach.ok) return reach;
  if (!employee.active) return refused({ reason: 'account_inactive' });
  const accepted = acceptPasswordFor({ employee, tenant }, body.password);
  if (!accepted.ok) return accepted;
  const conditional = headers['if-match'] !== undefined;
  if (conditional && !(await takeVersion(table, employee))) return refused({ reason: 'changed_meanwhile' });
  return granted({ employee, password: accepted.value });
}
