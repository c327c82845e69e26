import { endpoint } from '../../shared/http/call.ts';
import { liftThrottle as route } from '../../shared/routes/throttle.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { withinOwnRights } from '../../shared/rules/employee-changes.ts';
import { foldName } from '../../shared/rules/names.ts';
import { employeeActor } from '../../shared/store/audit.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';
import { liftThrottles, readThrottles } from '../../shared/store/throttles.ts';
import { throttleView } from './view.ts';

/** For an owner who is kept out for hours once an attack is over. Without a limit it would be one for guessing. */
export const liftThrottleEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, params, origin, now }) => {
    const { tenant } = actor.tenant;
    const employee = await readEmployee(table, tenant, params.id);
    if (employee === undefined) return refused({ reason: 'employee_unknown' });
    const reach = withinOwnRights(actor.facts, rolesOf(actor.tenant, employee.roleIds));
    if (!reach.ok) return reach;
    const account = { tenant, folded: foldName(employee.userName) };
    const throttles = await readThrottles(table, tenant, account.folded, now);
    const lifted = await liftThrottles(table, account, throttles, {
      tenant,
      at: now,
      action: 'throttle.lift',
      outcome: 'done',
      actor: employeeActor(actor.employee),
      origin,
      employeeId: employee.id,
      details: { failures: throttles.reduce((sum, { failures }) => sum + failures, 0) },
    });
    return lifted === 'changed_meanwhile'
      ? refused({ reason: lifted })
      : granted({ result: throttleView(lifted) });
  });
