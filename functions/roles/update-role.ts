import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { updateRole as route } from '../../shared/routes/roles.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { foldName } from '../../shared/rules/names.ts';
import type { RoleFacts } from '../../shared/rules/rights.ts';
import { mayChangeRole } from '../../shared/rules/roles.ts';
import { changesBetween } from '../../shared/store/audit.ts';
import type { TenantItem } from '../../shared/store/items.ts';
import { changeRole, readRole } from '../../shared/store/roles.ts';
import type { Table } from '../../shared/store/table.ts';
import { roleView } from './view.ts';

/** API Access, rights, name and kind of a role (M12, M15); the change bites on the next call (M18). */
export const updateRoleEndpoint = (table: Table) =>
  endpoint(route, async (call): Promise<Outcome<typeof route>> => {
    const { tenant, facts: actor } = call.actor;
    const role = await readRole(table, tenant.tenant, call.params.id);
    const before = tenant.roles[String(call.params.id)];
    if (role === undefined || before === undefined) return refused({ reason: 'role_unknown' });
    const wanted = changed(before, call);
    if (nameTaken(tenant, wanted)) return refused({ reason: 'role_name_taken', name: wanted.name });
    const decision = mayChangeRole({ before, after: wanted, internalHolders: role.internalHolders, actor });
    if (!decision.ok) return decision;
    const [conflict] = await changeRole(table, tenant, decision.value, auditOf(call, before, decision.value));
    if (conflict === 'role_held_by_internal_users') {
      return refused({ reason: conflict, holders: role.internalHolders });
    }
    if (conflict !== undefined) return refused({ reason: 'changed_meanwhile' });
    return granted({ result: roleView({ ...role, ...decision.value }) });
  });

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

function nameTaken(tenant: TenantItem, role: RoleFacts): boolean {
  return Object.values(tenant.roles).some(
    (other) => other.id !== role.id && foldName(other.name) === foldName(role.name),
  );
}

function auditOf({ actor, origin, now }: Call<typeof route>, before: RoleFacts, after: RoleFacts) {
  return {
    tenant: actor.tenant.tenant,
    at: now,
    action: 'role.update',
    outcome: 'done',
    actor: { kind: 'employee', id: actor.employee.id, userType: actor.employee.userType },
    origin,
    subject: { kind: 'role', id: String(after.id) },
    changes: changesBetween(before, after, ['name', 'active', 'external', 'apiAccess', 'rights']),
  } as const;
}
