import { endpoint } from '../../shared/http/call.ts';
import { searchEmployees as route } from '../../shared/routes/lookups.ts';
import type { Table } from '../../shared/store/table.ts';
import { peoplePage } from './people-page.ts';

export const searchEmployeesEndpoint = (table: Table) =>
  endpoint(route, ({ actor, query }) => {
    const filter = {
      ids: query['Filter.Ids'],
      text: query['Filter.Filter_Text'],
      active: query['Filter.IsActive'],
    };
    return peoplePage(table, actor.tenant.tenant, query, filter, (employee) => ({
      id: employee.id,
      firstName: employee.firstName,
      lastName: employee.lastName,
      emailAddress: employee.emailAddress ?? null,
      username: employee.userName,
      jobTitle: employee.jobTitle ?? null,
      isActive: employee.active,
    }));
  });
