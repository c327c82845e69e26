import { endpoint } from '../../shared/http/call.ts';
import { getEmployee as route } from '../../shared/routes/employees.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { readLastUse } from '../../shared/store/last-use.ts';
import type { Table } from '../../shared/store/table.ts';
import { employeeView } from './view.ts';

export const getEmployeeEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, params }) => {
    const { tenant } = actor.tenant;
    const [employee, lastUse] = await Promise.all([
      readEmployee(table, tenant, params.id),
      readLastUse(table, tenant, params.id),
    ]);
    return employee === undefined
      ? refused({ reason: 'employee_unknown' })
      : granted({
          result: { ...employeeView(actor.tenant, employee), ...lastUse },
          version: employee.version,
        });
  });
