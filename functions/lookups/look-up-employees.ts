import { endpoint } from '../../shared/http/call.ts';
import { lookUpEmployees as route } from '../../shared/routes/lookups.ts';
import { fullName } from '../../shared/rules/people.ts';
import type { Table } from '../../shared/store/table.ts';
import { peoplePage } from './people-page.ts';

export const lookUpEmployeesEndpoint = (table: Table) =>
  endpoint(route, ({ actor, query }) => {
    const filter = { ids: query['Filter.Ids'], name: query['Filter.Name'] };
    return peoplePage(table, actor.tenant.tenant, query, filter, (employee) => ({
      id: employee.id,
      name: fullName(employee),
    }));
  });
