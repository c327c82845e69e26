import { endpoint } from '../../shared/http/call.ts';
import { countAssignees as route } from '../../shared/routes/lookups.ts';
import { granted } from '../../shared/rules/decision.ts';
import { countPeople } from '../../shared/store/people.ts';
import type { Table } from '../../shared/store/table.ts';

export const countAssigneesEndpoint = (table: Table) =>
  endpoint(route, async ({ actor }) => granted({ result: await countPeople(table, actor.tenant.tenant) }));
