import { endpoint } from '../../shared/http/call.ts';
import { listAssignees as route } from '../../shared/routes/lookups.ts';
import { fullName } from '../../shared/rules/people.ts';
import type { Table } from '../../shared/store/table.ts';
import { peoplePage } from './people-page.ts';

export const listAssigneesEndpoint = (table: Table) =>
  endpoint(route, ({ actor, query }) => {
    const filter = { ids: query.Ids, name: query.Name, employeesOnly: query.EmployeesOnly };
    return peoplePage(table, actor.tenant.tenant, query, filter, (employee) => ({
      id: employee.id,
      firstName: employee.firstName,
      lastName: employee.lastName,
      name: fullName(employee),
      emailAddress: employee.emailAddress ?? null,
      pictureName: null,
      pictureUrl: null,
    }));
  });
