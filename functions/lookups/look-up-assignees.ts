import { endpoint } from '../../shared/http/call.ts';
import { lookUpAssignees as route } from '../../shared/routes/lookups.ts';
import { fullName } from '../../shared/rules/people.ts';
import type { Table } from '../../shared/store/table.ts';
import { peoplePage } from './people-page.ts';

export const lookUpAssigneesEndpoint = (table: Table) =>
  endpoint(route, ({ actor, query }) => {
    const filter = {
      ids: query['Filter.Ids'],
      name: query['Filter.Name'],
      excludedIds: query['Filter.ExcludedIds'],
    };
    return peoplePage(table, actor.tenant.tenant, query, filter, (employee) => ({
      id: employee.id,
      name: fullName(employee),
      url: null,
      emailAddress: employee.emailAddress ?? null,
      jobTitle: employee.jobTitle ?? null,
      pictureName: null,
      pictureURL: null, // Spelt so in this one of the published replies.
    }));
  });
