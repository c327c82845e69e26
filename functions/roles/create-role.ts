import { endpoint, type Outcome } from '../../shared/http/call.ts';
import { createRole as route } from '../../shared/routes/roles.ts';
import type { Table } from '../../shared/store/table.ts';
import { addRole } from './add-role.ts';
import { merging } from './role-change.ts';

export const createRoleEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    const { name, isActive, isExternal, apiAccess, rights } = call.body;
    const fields = { name, active: isActive, external: isExternal, apiAccess, rights };
    return merging<Outcome<typeof route>>(table, { actor: call.actor, right: route.right }, (actor) =>
      addRole(table, { ...call, actor }, fields),
    );
  });
