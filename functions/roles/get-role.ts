import { endpoint } from '../../shared/http/call.ts';
import { getRole as route } from '../../shared/routes/roles.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { readRole } from '../../shared/store/roles.ts';
import type { Table } from '../../shared/store/table.ts';
import { roleView } from './view.ts';

export const getRoleEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, params }) => {
    const role = await readRole(table, actor.tenant.tenant, params.id);
    return role === undefined
      ? refused({ reason: 'role_unknown' })
      : granted({ result: roleView(role), version: role.version });
  });
