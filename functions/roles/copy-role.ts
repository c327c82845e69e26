import { endpoint, type Outcome } from '../../shared/http/call.ts';
import { copyRole as route } from '../../shared/routes/roles.ts';
import { refused } from '../../shared/rules/decision.ts';
import type { Table } from '../../shared/store/table.ts';
import { addRole } from './add-role.ts';
import { merging } from './role-change.ts';

/** A copy has what the original gives, API Access included, but is built in never. */
export const copyRoleEndpoint = (table: Table) =>
  endpoint(route, async (call) =>
    merging<Outcome<typeof route>>(table, { actor: call.actor, right: route.right }, async (actor) => {
      const original = actor.tenant.roles[String(call.params.id)];
      if (original === undefined) return refused({ reason: 'role_unknown' });
      const { active, external, rights } = original;
      const apiAccess = original.administrator || original.apiAccess;
      const fields = { name: call.body.name, active, external, apiAccess, rights };
      return addRole(table, { ...call, actor }, fields, original);
    }),
  );
