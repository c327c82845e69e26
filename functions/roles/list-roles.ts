import { endpoint } from '../../shared/http/call.ts';
import { pageOf } from '../../shared/http/page-of.ts';
import { listRoles as route } from '../../shared/routes/roles.ts';
import { granted } from '../../shared/rules/decision.ts';
import { nameHolds } from '../../shared/rules/name-order.ts';
import { listRoles } from '../../shared/store/roles.ts';
import type { Table } from '../../shared/store/table.ts';
import { roleView } from './view.ts';

const DEFAULT_PAGE_SIZE = 50;

export const listRolesEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, query }) => {
    const active = query['Filter.IsActive'];
    const external = query['Filter.IsExternal'];
    const roles = (await listRoles(table, actor.tenant.tenant)).filter(
      (role) =>
        nameHolds(role.name, query['Filter.Text']) &&
        (active === undefined || role.active === active) &&
        (external === undefined || role.external === external),
    );
    const page = pageOf(roles, query, DEFAULT_PAGE_SIZE);
    return granted({ ...page, result: page.result.map(roleView) });
  });
