import { type BearerActor, type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { type Precondition, parseIfMatch } from '../../shared/http/etag.ts';
import { updateRole as route } from '../../shared/routes/roles.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import type { RoleFacts } from '../../shared/rules/rights.ts';
import { mayChangeRole } from '../../shared/rules/roles.ts';
import { changesBetween } from '../../shared/store/audit.ts';
import { changeRole, readRole } from '../../shared/store/roles.ts';
import type { Table } from '../../shared/store/table.ts';
import { AUDITED_FIELDS, merging, nameTaken, roleAudit } from './role-change.ts';
import { roleView } from './view.ts';

/** API Access, rights, name and kind of a role (M12, M15); the change bites on the next call (M18). */
export const updateRoleEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    const expected = parseIfMatch(call.headers['if-match']);
    if (!expected.ok) return expected;
    return merging(table, { actor: call.actor, right: route.right }, (actor) =>
      changeOnce(table, call, actor, expected.value),
    );
  });

async function changeOnce(
  table: Table,
  call: Call<typeof route>,
  actor: BearerActor,
  expected: Precondition,
): Promise<Outcome<typeof route>> {
  const { tenant, facts } = actor;
  const role = await readRole(table, tenant.tenant, call.params.id);
  const before = tenant.roles[String(call.params.id)];
  if (role === undefined || before === undefined) return refused({ reason: 'role_unknown' });
  if (!expected(role.version)) return refused({ reason: 'stale' });
  const wanted = changed(before, call);
  if (nameTaken(tenant, wanted)) return refused({ reason: 'role_name_taken', name: wanted.name });
  const { internalHolders } = role;
  const decision = mayChangeRole({ before, after: wanted, internalHolders, actor: facts });
  if (!decision.ok) return decision;
  const changes = changesBetween(before, decision.value, AUDITED_FIELDS);
  // Already so: nothing to write, and nothing to tell the audit.
  if (Object.keys(changes).length === 0) return granted({ result: roleView(role), version: role.version });
  const [conflict] = await changeRole(table, tenant, role, decision.value, {
    ...roleAudit('role.update', { ...call, actor }, before.id),
    changes,
  });
  if (conflict !== undefined) return refused({ reason: conflict });
  return granted({ result: roleView({ ...role, ...decision.value }), version: role.version + 1 });
}

function changed(before: RoleFacts, { body }: Call<typeof route>): RoleFacts {
  return {
    ...before,
    name: body.name ?? before.name,
    active: body.isActive ?? before.active,
    external: body.isExternal ?? before.external,
    apiAccess: body.apiAccess ?? before.apiAccess,
    rights: body.rights ?? before.rights,
  };
}
