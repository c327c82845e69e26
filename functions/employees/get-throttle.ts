import { endpoint } from '../../shared/http/call.ts';
import { getThrottle as route } from '../../shared/routes/throttle.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { withinOwnRights } from '../../shared/rules/employee-changes.ts';
import { foldName } from '../../shared/rules/names.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';
import { readThrottles } from '../../shared/store/throttles.ts';
import { throttleView } from './view.ts';

export const getThrottleEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, params, now }) => {
    const { tenant } = actor.tenant;
    const employee = await readEmployee(table, tenant, params.id);
    if (employee === undefined) return refused({ reason: 'employee_unknown' });
    const reach = withinOwnRights(actor.facts, rolesOf(actor.tenant, employee.roleIds));
    if (!reach.ok) return reach;
    const throttles = await readThrottles(table, tenant, foldName(employee.userName), now);
    return granted({ result: throttleView(throttles) });
  });
