import { decodeCursor } from '../../shared/http/cursor.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import type { AuditEntry } from '../../shared/store/audit-log.ts';
import { type AuditRequest, auditBegin, isAuditPlace } from '../../shared/store/audit-log.ts';
import type { TenantItem } from '../../shared/store/items.ts';

type AuditQuery = {
  readonly From?: string | undefined;
  readonly To?: string | undefined;
  readonly 'Filter.Actor'?: string | undefined;
  readonly 'Filter.EmployeeId'?: number | undefined;
  readonly 'Filter.Subject'?: { readonly kind: string; readonly id: string } | undefined;
  readonly 'Filter.Action'?: string | undefined;
  readonly 'Filter.Outcome'?: AuditEntry['outcome'] | undefined;
  readonly 'Filter.CorrelationId'?: string | undefined;
  readonly Cursor?: string | undefined;
};

type Wrong =
  | { readonly reason: 'invalid_fields'; readonly problems: string[] }
  | { readonly reason: 'cursor_unusable' };

/** What a query asks of the audit of the caller's own company, and of no other (M16). */
export function auditRequest(
  tenant: TenantItem,
  query: AuditQuery,
  page: { readonly size: number; readonly employeeId?: number; readonly scope: string },
  now: Date,
): Decision<AuditRequest, Wrong> {
  const cursor = decodeCursor(page.scope, query.Cursor);
  if (!cursor.ok) return cursor;
  if (cursor.value !== undefined && !isAuditPlace(cursor.value))
    return refused({ reason: 'cursor_unusable' });
  if (query.From !== undefined && query.To !== undefined && query.From > query.To)
    return refused({ reason: 'invalid_fields', problems: ['From must not be later than To'] });
  const begin = auditBegin(tenant, now);
  const from = query.From !== undefined && query.From > begin ? query.From : begin;
  // Of this very millisecond and later, records may still come. A search from a far To would walk empty months.
  const present = now.toISOString();
  const end = query.To !== undefined && query.To < present ? query.To : present;
  const before = cursor.value !== undefined && cursor.value < end ? cursor.value : end;
  const subject = query['Filter.Subject'];
  const named = subject?.kind === 'employee' ? Number(subject.id) : undefined;
  const employeeId = page.employeeId ?? query['Filter.EmployeeId'] ?? named;
  return granted({
    tenant: tenant.tenant,
    from,
    before,
    matches: matcher(query),
    employeeId,
    size: page.size,
  });
}

function matcher(query: AuditQuery): ((entry: AuditEntry) => boolean) | undefined {
  const { 'Filter.Actor': actor, 'Filter.Action': action, 'Filter.Outcome': outcome } = query;
  const correlationId = query['Filter.CorrelationId'];
  const subject = query['Filter.Subject'];
  if ([actor, subject, action, outcome, correlationId].every((filter) => filter === undefined))
    return undefined;
  return (entry) =>
    (actor === undefined || entry.actor.kind === actor || String(entry.actor.id) === actor) &&
    (subject === undefined || isAbout(entry, subject)) &&
    // `employee` stands for `employee.create`, `employee.update` and the like.
    (action === undefined || entry.action === action || entry.action.startsWith(`${action}.`)) &&
    (outcome === undefined || entry.outcome === outcome) &&
    (correlationId === undefined || entry.origin?.correlationId === correlationId);
}

function isAbout({ employeeId, subject }: AuditEntry, { kind, id }: { kind: string; id: string }): boolean {
  return kind === 'employee' ? employeeId === Number(id) : subject?.kind === kind && subject.id === id;
}
