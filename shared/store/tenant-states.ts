import { epochSeconds } from '../clock.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import type { LicencesItem, TenantItem } from './items.ts';
import { licencesKey, tenantKey } from './keys.ts';
import { type Table, transact, type Write } from './table.ts';

const NOT_BEING_DELETED = {
  expression: 'attribute_exists(PK) AND attribute_not_exists(deletingOn)',
} as const;

/** Conditional on the count in use: an employee created meanwhile keeps its licence (M10). */
export function changeLicences(
  table: Table,
  tenant: string,
  before: LicencesItem,
  total: number,
  audit: AuditRecord,
): Promise<readonly 'changed_meanwhile'[]> {
  return transact<'changed_meanwhile'>(table, [
    { check: tenantKey(tenant), when: NOT_BEING_DELETED, onConflict: 'changed_meanwhile' },
    {
      update: licencesKey(tenant),
      set: { expression: 'SET #total = :total', names: { '#total': 'total' }, values: { ':total': total } },
      when: {
        expression: '#total = :seen AND #used <= :total',
        names: { '#used': 'used' },
        values: { ':seen': before.total },
      },
      onConflict: 'changed_meanwhile',
    },
    { put: auditItem(audit) },
  ]);
}

/**
 * A suspension ends every token for good (M18), not only until the company is resumed: and so does the resumption,
 * for what a sign-in that had begun before the suspension was given after it.
 */
export function switchTenant(
  table: Table,
  before: TenantItem,
  active: boolean,
  audit: AuditRecord,
  alongside: readonly Write<'changed_meanwhile'>[],
): Promise<readonly 'changed_meanwhile'[]> {
  return transact<'changed_meanwhile'>(table, [
    {
      update: tenantKey(before.tenant),
      set: {
        expression: 'SET #active = :active, #version = :next, #tokensValidAfter = :now',
        names: {
          '#active': 'active',
          '#version': 'version',
          '#tokensValidAfter': 'tokensValidAfter',
        },
        values: {
          ':active': active,
          ':next': before.version + 1,
          ':now': epochSeconds(audit.at),
        },
      },
      when: {
        expression: `#version = :seen AND ${NOT_BEING_DELETED.expression}`,
        values: { ':seen': before.version },
      },
      onConflict: 'changed_meanwhile',
    },
    { put: auditItem(audit) },
    ...alongside,
  ]);
}
