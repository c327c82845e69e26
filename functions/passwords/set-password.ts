import { endpoint } from '../../shared/http/call.ts';
import { acceptPasswordFor } from '../../shared/identity/account-passwords.ts';
import { setPassword } from '../../shared/routes/passwords.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { withinOwnRights } from '../../shared/rules/employee-changes.ts';
import { maySetPasswordByHand } from '../../shared/rules/passwords.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Deps } from './deps.ts';
import { setByHand } from './set-by-hand.ts';

/** M6: for people only. */
export const setPasswordEndpoint = (deps: Deps) =>
  endpoint(setPassword, async ({ actor, params, body, origin }) => {
    const { tenant } = actor;
    const employee = await readEmployee(deps.table, tenant.tenant, params.id);
    if (employee === undefined) return refused({ reason: 'employee_unknown' });
    const byHand = maySetPasswordByHand(employee.userType);
    if (!byHand.ok) return byHand;
    const reach = withinOwnRights(actor.facts, rolesOf(tenant, employee.roleIds));
    if (!reach.ok) return reach;
    if (!employee.active) return refused({ reason: 'account_inactive' });
    const accepted = acceptPasswordFor({ employee, tenant }, body.password);
    if (!accepted.ok) return accepted;
    const set = await setByHand(deps, employee, accepted.value, {
      actor: { kind: 'employee', id: actor.employee.id, userType: actor.employee.userType },
      origin,
    });
    return set.ok ? granted({ result: { id: employee.id } }) : set;
  });
