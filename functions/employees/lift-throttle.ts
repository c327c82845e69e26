import { endpoint } from '../../shared/http/call.ts';
import { liftThrottle as route } from '../../shared/routes/throttle.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { foldName } from '../../shared/rules/names.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import type { Table } from '../../shared/store/table.ts';
import { liftThrottles, readThrottles } from '../../shared/store/throttles.ts';
import { throttleView } from './throttle.ts';

/** For an owner who mistyped, or once an attack is over. Cognito's own lock of seconds ends by itself. */
export const liftThrottleEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, params, origin, now }) => {
    const { tenant } = actor.tenant;
    const employee = await readEmployee(table, tenant, params.id);
    if (employee === undefined) return refused({ reason: 'employee_unknown' });
    const account = { tenant, folded: foldName(employee.userName) };
    const throttles = await readThrottles(table, tenant, account.folded, now);
    const [conflict] = await liftThrottles(table, account, throttles, {
      tenant,
      at: now,
      action: 'throttle.lift',
      outcome: 'done',
      actor: { kind: 'employee', id: actor.employee.id, userType: actor.employee.userType },
      origin,
      employeeId: employee.id,
      details: { failures: throttles.reduce((sum, { failures }) => sum + failures, 0) },
    });
    return conflict === undefined ? granted({ result: throttleView([]) }) : refused({ reason: conflict });
  });
