import { endpoint, type Outcome } from '../../shared/http/call.ts';
import { parseIfMatch } from '../../shared/http/etag.ts';
import { deleteRole as route } from '../../shared/routes/roles.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayDeleteRole } from '../../shared/rules/roles.ts';
import { deleteRole, readRole } from '../../shared/store/roles.ts';
import type { Table } from '../../shared/store/table.ts';
import { AUDITED_FIELDS, merging, roleAudit } from './role-change.ts';

/** A role that nobody holds goes at once; of one in use the refusal says how many hold it. */
export const deleteRoleEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    const expected = parseIfMatch(call.headers['if-match']);
    if (!expected.ok) return expected;
    return merging<Outcome<typeof route>>(table, { actor: call.actor, right: route.right }, async (actor) => {
      const { tenant, facts } = actor;
      const role = await readRole(table, tenant.tenant, call.params.id);
      if (role === undefined) return refused({ reason: 'role_unknown' });
      if (!expected.value(role.version)) return refused({ reason: 'stale' });
      const holders = role.internalHolders + role.externalHolders;
      const decision = mayDeleteRole({ role, holders, actor: facts });
      if (!decision.ok) return decision;
      const [conflict] = await deleteRole(table, tenant, role, {
        ...roleAudit('role.delete', { ...call, actor }, role.id),
        changes: Object.fromEntries(AUDITED_FIELDS.map((field) => [field, { before: role[field] }])),
      });
      return conflict === undefined ? granted({ result: { id: role.id } }) : refused({ reason: conflict });
    });
  });
