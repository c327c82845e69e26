import { endpoint } from '../../shared/http/call.ts';
import { listAssigneeRoles as route } from '../../shared/routes/lookups.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayBePicked } from '../../shared/rules/people.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';

/** Who is no assignee, an API Employee among them (M11), is as unknown here as an id that was never given. */
export const listAssigneeRolesEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, params }) => {
    const employee = await readEmployee(table, actor.tenant.tenant, params.assigneeId);
    if (employee === undefined || !mayBePicked(employee, {})) return refused({ reason: 'employee_unknown' });
    const roles = rolesOf(actor.tenant, employee.roleIds);
    return granted({
      result: roles.map(({ id, name }, index) => ({ id, name, isDefault: index === 0 })),
    });
  });
