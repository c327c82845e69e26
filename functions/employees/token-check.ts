import { endpoint } from '../../shared/http/call.ts';
import { tokenCheck as route } from '../../shared/routes/employee-states.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { withinOwnRights } from '../../shared/rules/employee-changes.ts';
import { foldName } from '../../shared/rules/names.ts';
import { checkToken } from '../../shared/rules/token-check.ts';
import { readThrottling } from '../../shared/store/attempts.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { accountStanding, rolesOf } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';

/** Why the account can, or cannot, get a token right now, and what to do. */
export const tokenCheckEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, params, now }) => {
    const { tenant } = actor;
    const employee = await readEmployee(table, tenant.tenant, params.id);
    if (employee === undefined) return refused({ reason: 'employee_unknown' });
    const reach = withinOwnRights(actor.facts, rolesOf(tenant, employee.roleIds));
    if (!reach.ok) return reach;
    const throttling = await readThrottling(table, tenant.tenant, foldName(employee.userName), now);
    const { canGetToken, conditions } = checkToken({
      ...throttling,
      ...accountStanding(tenant, employee),
      passwordSet: employee.generation !== undefined,
      emailAddress: employee.emailAddress,
      lastMail: employee.instructionsState,
      mailProblem: employee.mailProblem,
    });
    return granted({ result: { id: employee.id, canGetToken, conditions } });
  });
