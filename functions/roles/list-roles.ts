import { endpoint } from '../../shared/http/call.ts';
import { listRoles as route } from '../../shared/routes/roles.ts';
import { granted } from '../../shared/rules/decision.ts';
import { listRoles } from '../../shared/store/roles.ts';
import type { Table } from '../../shared/store/table.ts';
import { roleView } from './view.ts';

const DEFAULT_PAGE_SIZE = 50;

export const listRolesEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, query }) => {
    const roles = await listRoles(table, actor.tenant.tenant);
    const size = query.PageSize ?? DEFAULT_PAGE_SIZE;
    const start = ((query.PageNumber ?? 1) - 1) * size;
    return granted({ result: roles.slice(start, start + size).map(roleView), totalRecords: roles.length });
  });
