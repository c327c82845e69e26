import { LIFETIME_NAMES } from '../rules/lifetimes.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { employeePuts } from './employees.ts';
import { type EmployeeItem, type LicencesItem, licencesItem, type TenantItem, tenantItem } from './items.ts';
import { BY_SUBJECT_INDEX, licencesKey, roleKey, TENANT_LIST_PARTITION, tenantKey } from './keys.ts';
import { packRoles } from './role-digest.ts';
import { batchGet, NOT_EXISTS, type Page, queryPage, type Table, transact, type Write } from './table.ts';

type CreationConflict = 'company_taken' | 'user_name_taken' | 'id_taken' | 'changed_meanwhile';

/** A tenant with its built-in roles, its licences and its first Administrator, in one transaction. */
export function createTenant(
  table: Table,
  tenant: TenantItem,
  licences: LicencesItem,
  administrator: EmployeeItem,
  context: {
    readonly reset: Record<string, unknown>;
    readonly audit: readonly AuditRecord[];
    readonly alongside: readonly Write<'changed_meanwhile'>[];
  },
): Promise<readonly CreationConflict[]> {
  const held = new Set(administrator.roleIds);
  return transact<CreationConflict>(table, [
    {
      put: {
        ...tenantKey(tenant.tenant),
        ...tenant,
        roles: packRoles(tenant.roles),
        subjectPK: TENANT_LIST_PARTITION,
        subjectSK: tenant.tenant,
      },
      when: NOT_EXISTS,
      onConflict: 'company_taken',
    },
    { put: { ...licencesKey(tenant.tenant), ...licences } },
    ...Object.values(tenant.roles).map((role) => ({
      put: {
        ...roleKey(tenant.tenant, role.id),
        schema: 1,
        type: 'role',
        tenant: tenant.tenant,
        ...role,
        internalHolders: held.has(role.id) ? 1 : 0,
        externalHolders: 0,
        version: 1,
      },
    })),
    ...employeePuts(administrator),
    { put: context.reset },
    ...context.audit.map((record) => ({ put: auditItem(record) })),
    ...context.alongside,
  ]);
}

export function readTenant(table: Table, tenant: string) {
  return batchGet(table, {
    tenant: { key: tenantKey(tenant), schema: tenantItem },
    licences: { key: licencesKey(tenant), schema: licencesItem },
  });
}

/** @param cursor the sign-in name of the last tenant of the page before. */
export function listTenants(
  table: Table,
  size: number,
  cursor: string | undefined,
): Promise<Page<TenantItem>> {
  return queryPage(table, tenantItem, {
    IndexName: BY_SUBJECT_INDEX,
    KeyConditionExpression: 'subjectPK = :list',
    ExpressionAttributeValues: { ':list': { S: TENANT_LIST_PARTITION } },
    Limit: size,
    startAfter: cursor
      ? { ...tenantKey(cursor), subjectPK: TENANT_LIST_PARTITION, subjectSK: cursor }
      : undefined,
  });
}

/** What an admin sets in Admin > My Company. */
export const COMPANY_SETTINGS = [
  'company',
  'timeZone',
  'requireMfa',
  'quotaPerHour',
  ...LIFETIME_NAMES,
] as const;
export type CompanySettings = Pick<TenantItem, (typeof COMPANY_SETTINGS)[number]>;

export function changeCompany(
  table: Table,
  before: TenantItem,
  after: CompanySettings,
  audit: AuditRecord,
): Promise<readonly 'changed_meanwhile'[]> {
  // A setting that was never touched stays absent, and with it standard.
  const set = COMPANY_SETTINGS.filter((name) => after[name] !== undefined);
  return transact(table, [
    {
      update: tenantKey(before.tenant),
      set: {
        expression: `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}, #version = :next`,
        names: { ...Object.fromEntries(set.map((name) => [`#${name}`, name])), '#version': 'version' },
        values: {
          ...Object.fromEntries(set.map((name) => [`:${name}`, after[name]])),
          ':next': before.version + 1,
        },
      },
      when: { expression: '#version = :seen', values: { ':seen': before.version } },
      onConflict: 'changed_meanwhile' as const,
    },
    { put: auditItem(audit) },
  ]);
}
