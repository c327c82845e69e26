import * as v from 'valibot';
import { parseShape } from '../shape.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { employeeItem, type TenantItem } from './items.ts';
import { type Key, lastUseKey, licencesKey, resetKey, tenantKey, tenantPartition } from './keys.ts';
import { retire } from './new-passwords.ts';
import { queryPage, type Table, transact, type Write } from './table.ts';

/** Only a suspended company whose removal was asked for: checked with every single batch. */
const BEING_DELETED = {
  expression: '#active = :no AND attribute_exists(deletingOn)',
  names: { '#active': 'active' },
  values: { ':no': false },
} as const;

/** Marks the company: from here on it cannot be resumed, and nobody is counted among its employees any more. */
export function beginRemoval(
  table: Table,
  tenant: TenantItem,
  audit: AuditRecord,
): Promise<readonly 'changed_meanwhile'[]> {
  return transact<'changed_meanwhile'>(table, [
    {
      update: tenantKey(tenant.tenant),
      set: {
        expression: 'SET #deletingOn = :on, #version = :next',
        names: { '#deletingOn': 'deletingOn', '#version': 'version' },
        values: { ':on': audit.at.toISOString(), ':next': tenant.version + 1 },
      },
      when: {
        expression: '#version = :seen AND #active = :no',
        names: { '#active': 'active' },
        values: { ':seen': tenant.version, ':no': false },
      },
      onConflict: 'changed_meanwhile',
    },
    {
      update: licencesKey(tenant.tenant),
      set: { expression: 'SET #closed = :yes', names: { '#closed': 'closed' }, values: { ':yes': true } },
    },
    { put: auditItem(audit) },
  ]);
}

/** An employee takes five writes, and a transaction holds a hundred, the check of the company among them. */
const ITEMS_A_BATCH = 19;

const anyItem = v.looseObject({ PK: v.string(), SK: v.string(), type: v.optional(v.string()) });
type AnyItem = v.InferOutput<typeof anyItem>;

/**
 * Removes up to `batches` × 19 items, each batch whole or not at all; answers how many, and whether nothing but
 * the company itself is left. It looks from the beginning each time: an interrupted run leaves nothing to repair.
 */
export async function removeItems(
  table: Table,
  tenant: string,
  batches: number,
  now: Date,
): Promise<{ readonly removed: number; readonly left: boolean }> {
  const last = new Set([tenantKey(tenant).SK, licencesKey(tenant).SK]);
  let removed = 0;
  for (let batch = 0; batch < batches; batch += 1) {
    const { items } = await queryPage(table, anyItem, {
      KeyConditionExpression: 'PK = :tenant',
      ExpressionAttributeValues: { ':tenant': { S: tenantPartition(tenant) } },
      ConsistentRead: true,
      Limit: ITEMS_A_BATCH + last.size,
    });
    const found = items.filter(({ SK }) => !last.has(SK)).slice(0, ITEMS_A_BATCH);
    if (found.length === 0) return { removed, left: false };
    const [conflict] = await transact<'changed_meanwhile'>(table, [
      { check: tenantKey(tenant), when: BEING_DELETED, onConflict: 'changed_meanwhile' },
      ...found.flatMap((item) => removalOf(tenant, item, now)),
    ]);
    // Another call took the company's item away first: it is done.
    if (conflict !== undefined) return { removed, left: true };
    removed += found.length;
  }
  return { removed, left: true };
}

/** With an employee go its newest link and its last use; the Cognito user is disabled, and deleted later. */
function removalOf(tenant: string, item: AnyItem, now: Date): Write<never>[] {
  const own: Key = { PK: item.PK, SK: item.SK };
  if (item.type !== 'employee') return [{ remove: own }];
  const { id, generation, resetId } = parseShape(employeeItem, item);
  return [
    { remove: own },
    { remove: lastUseKey(tenant, id, 'TOKEN') },
    { remove: lastUseKey(tenant, id, 'SIGN-IN') },
    ...(resetId === undefined ? [] : [{ remove: resetKey(resetId) }]),
    ...(generation === undefined ? [] : [retire(tenant, id, generation, now)]),
  ];
}

/** The company itself goes last; its audit stays until it expires. */
export function finishRemoval(
  table: Table,
  tenant: string,
  audit: AuditRecord,
): Promise<readonly 'changed_meanwhile'[]> {
  return transact<'changed_meanwhile'>(table, [
    { remove: tenantKey(tenant), when: BEING_DELETED, onConflict: 'changed_meanwhile' },
    { remove: licencesKey(tenant) },
    { put: auditItem(audit) },
  ]);
}
