import { decodeCursor } from '../../shared/http/cursor.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { type AuditRequest, auditBegin, isAuditPlace } from '../../shared/store/audit-log.ts';
import type { AuditEntry, TenantItem } from '../../shared/store/items.ts';

type AuditQuery = {
  readonly From?: string | undefined;
  readonly To?: string | undefined;
  readonly 'Filter.Actor'?: string | undefined;
  readonly 'Filter.Action'?: string | undefined;
  readonly 'Filter.Outcome'?: AuditEntry['outcome'] | undefined;
  readonly 'Filter.CorrelationId'?: string | undefined;
  readonly Cursor?: string | undefined;
};

type Wrong = { readonly reason: 'invalid_fields'; readonly problems: string[] };

/** What a query asks of the audit of the caller's own company, and of no other (M16). */
export function auditRequest(
  tenant: TenantItem,
  query: AuditQuery,
  page: { readonly size: number; readonly employeeId: number | undefined },
  now: Date,
): Decision<AuditRequest, Wrong> {
  const cursor = decodeCursor(query.Cursor);
  if (!cursor.ok) return cursor;
  if (cursor.value !== undefined && !isAuditPlace(cursor.value)) {
    return refused({ reason: 'invalid_fields', problems: ['Cursor is not a cursor of this list'] });
  }
  const begin = auditBegin(tenant, now);
  const from = query.From !== undefined && query.From > begin ? query.From : begin;
  // A record of this very millisecond is not yet complete: others of it may still come.
  const end = query.To ?? now.toISOString();
  const before = cursor.value !== undefined && cursor.value < end ? cursor.value : end;
  return granted({ tenant: tenant.tenant, from, before, matches: matcher(query), ...page });
}

function matcher(query: AuditQuery): ((entry: AuditEntry) => boolean) | undefined {
  const { 'Filter.Actor': actor, 'Filter.Action': action, 'Filter.Outcome': outcome } = query;
  const correlationId = query['Filter.CorrelationId'];
  if ([actor, action, outcome, correlationId].every((filter) => filter === undefined)) return undefined;
  return (entry) =>
    (actor === undefined || entry.actor.kind === actor || String(entry.actor.id) === actor) &&
    // `employee` stands for `employee.create`, `employee.update` and the like.
    (action === undefined || entry.action === action || entry.action.startsWith(`${action}.`)) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (correlationId === undefined || entry.origin?.correlationId === correlationId);
}
