import { sortedByName } from '../rules/name-order.ts';
import type { RoleFacts } from '../rules/rights.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { type RoleItem, roleItem, type TenantItem } from './items.ts';
import { ROLE_PREFIX, roleKey, tenantKey, tenantPartition } from './keys.ts';
import { packRole } from './role-digest.ts';
import { getItem, NOT_EXISTS, queryPages, type Table, transact, type Write } from './table.ts';

export function readRole(table: Table, tenant: string, id: number): Promise<RoleItem | undefined> {
  return getItem(table, roleKey(tenant, id), roleItem);
}

/** All roles of a tenant, at most 200, by name. */
export async function listRoles(table: Table, tenant: string): Promise<RoleItem[]> {
  const roles: RoleItem[] = [];
  const query = {
    KeyConditionExpression: 'PK = :tenant AND begins_with(SK, :role)',
    ExpressionAttributeValues: { ':tenant': { S: tenantPartition(tenant) }, ':role': { S: ROLE_PREFIX } },
    ConsistentRead: true,
  };
  for await (const page of queryPages(table, roleItem, query)) roles.push(...page);
  return sortedByName(roles);
}

/** The version of a role that the rules looked at; its ETag. */
type Seen = Pick<RoleItem, 'version'>;

/** Writes the role and its place in the tenant's digest; the digest's version orders all role changes. */
export function changeRole(
  table: Table,
  tenant: TenantItem,
  seen: Seen,
  role: RoleFacts,
  audit: AuditRecord,
): Promise<readonly 'changed_meanwhile'[]> {
  const { id, name, active, external, apiAccess, rights } = role;
  return transact<'changed_meanwhile'>(table, [
    {
      update: roleKey(tenant.tenant, id),
      set: {
        expression:
          'SET #name = :name, #active = :active, #external = :external, #apiAccess = :apiAccess, #rights = :rights, #version = :next',
        names: {
          '#version': 'version',
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
          ':next': seen.version + 1,
        },
      },
      // M12: no internal user may hold an external role, nor gain it between the rule and this write.
      when: external
        ? {
            expression: '#version = :seen AND (#external = :external OR #internalHolders = :none)',
            names: { '#internalHolders': 'internalHolders' },
            values: { ':seen': seen.version, ':none': 0 },
          }
        : { expression: '#version = :seen', values: { ':seen': seen.version } },
      onConflict: 'changed_meanwhile',
    },
    digestWrite(tenant, { put: role }),
    { put: auditItem(audit) },
  ]);
}

export const FIRST_VERSION = 1;

/** A role that nobody holds yet, and its place in the digest; the version guards its name and their number. */
export function createRole(
  table: Table,
  tenant: TenantItem,
  role: RoleFacts,
  audit: AuditRecord,
): Promise<readonly ('id_taken' | 'changed_meanwhile')[]> {
  const item: RoleItem = {
    schema: 1,
    type: 'role',
    tenant: tenant.tenant,
    ...role,
    internalHolders: 0,
    externalHolders: 0,
    version: FIRST_VERSION,
  };
  return transact<'id_taken' | 'changed_meanwhile'>(table, [
    { put: { ...roleKey(tenant.tenant, role.id), ...item }, when: NOT_EXISTS, onConflict: 'id_taken' },
    digestWrite(tenant, { put: role }),
    { put: auditItem(audit) },
  ]);
}

/** Only while nobody holds it: an employee that gains it at the same moment conflicts on the same item. */
export function deleteRole(
  table: Table,
  tenant: TenantItem,
  { id, version }: Seen & Pick<RoleItem, 'id'>,
  audit: AuditRecord,
): Promise<readonly 'changed_meanwhile'[]> {
  return transact<'changed_meanwhile'>(table, [
    {
      remove: roleKey(tenant.tenant, id),
      when: {
        expression: '#version = :seen AND #internalHolders = :none AND #externalHolders = :none',
        names: {
          '#version': 'version',
          '#internalHolders': 'internalHolders',
          '#externalHolders': 'externalHolders',
        },
        values: { ':seen': version, ':none': 0 },
      },
      onConflict: 'changed_meanwhile',
    },
    digestWrite(tenant, { removeId: id }),
    { put: auditItem(audit) },
  ]);
}

/** Every change of a role raises the version that the rules looked at: of two at once, one starts over. */
function digestWrite(
  tenant: TenantItem,
  change: { readonly put: RoleFacts } | { readonly removeId: number },
): Write<'changed_meanwhile'> {
  const put = 'put' in change;
  const next = { ':next': tenant.rolesVersion + 1 };
  return {
    update: tenantKey(tenant.tenant),
    set: {
      expression: put
        ? 'SET #roles.#id = :role, #rolesVersion = :next'
        : 'SET #rolesVersion = :next REMOVE #roles.#id',
      names: {
        '#roles': 'roles',
        '#id': String(put ? change.put.id : change.removeId),
        '#rolesVersion': 'rolesVersion',
      },
      values: put ? { ':role': packRole(change.put), ...next } : next,
    },
    when: { expression: '#rolesVersion = :seen', values: { ':seen': tenant.rolesVersion } },
    onConflict: 'changed_meanwhile',
  };
}
