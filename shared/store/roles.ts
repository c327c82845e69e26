import type { RoleFacts } from '../rules/rights.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { type RoleItem, roleItem, type TenantItem } from './items.ts';
import { ROLE_PREFIX, roleKey, tenantKey, tenantPartition } from './keys.ts';
import { getItem, queryPage, type Table, transact } from './table.ts';

export function readRole(table: Table, tenant: string, id: number): Promise<RoleItem | undefined> {
  return getItem(table, roleKey(tenant, id), roleItem);
}

/** All roles of a tenant, at most 200, by name. */
export async function listRoles(table: Table, tenant: string): Promise<RoleItem[]> {
  const roles: RoleItem[] = [];
  let startAfter: Record<string, unknown> | undefined;
  do {
    const page = await queryPage(table, roleItem, {
      KeyConditionExpression: 'PK = :tenant AND begins_with(SK, :role)',
      ExpressionAttributeValues: { ':tenant': { S: tenantPartition(tenant) }, ':role': { S: ROLE_PREFIX } },
      ConsistentRead: true,
      startAfter,
    });
    roles.push(...page.items);
    startAfter = page.lastKey;
  } while (startAfter !== undefined);
  return roles.sort((a, b) => a.name.localeCompare(b.name));
}

export type RoleConflict = 'role_held_by_internal_users' | 'changed_meanwhile';

/** Writes the role and its place in the tenant's digest; the digest's version orders all role changes. */
export function changeRole(
  table: Table,
  tenant: TenantItem,
  role: RoleFacts,
  audit: AuditRecord,
): Promise<readonly RoleConflict[]> {
  const { id, name, active, external, apiAccess, rights } = role;
  return transact<RoleConflict>(table, [
    {
      update: roleKey(tenant.tenant, id),
      set: {
        expression:
          'SET #name = :name, #active = :active, #external = :external, #apiAccess = :apiAccess, #rights = :rights',
        names: {
          '#name': 'name',
          '#active': 'active',
          '#external': 'external',
          '#apiAccess': 'apiAccess',
          '#rights': 'rights',
        },
        values: {
          ':name': name,
          ':active': active,
          ':external': external,
          ':apiAccess': apiAccess,
          ':rights': rights,
        },
      },
      // M12: no internal user may hold an external role, nor gain it between the rule and this write.
      when: external
        ? {
            expression: '#external = :external OR #internalHolders = :none',
            names: { '#internalHolders': 'internalHolders' },
            values: { ':none': 0 },
          }
        : { expression: 'attribute_exists(PK)' },
      onConflict: external ? 'role_held_by_internal_users' : 'changed_meanwhile',
    },
    {
      update: tenantKey(tenant.tenant),
      set: {
        expression: 'SET #roles.#id = :role, #rolesVersion = :next',
        names: { '#roles': 'roles', '#id': String(id), '#rolesVersion': 'rolesVersion' },
        values: { ':role': role, ':next': tenant.rolesVersion + 1 },
      },
      when: { expression: '#rolesVersion = :seen', values: { ':seen': tenant.rolesVersion } },
      onConflict: 'changed_meanwhile',
    },
    { put: auditItem(audit) },
  ]);
}
