import type { AuditEntry } from '../../shared/store/items.ts';

/** The table gives attributes in no order of its own: two exports of the same records are to be the same. */
const inOrder = <T>(fields: Readonly<Record<string, T>> = {}): [string, T][] =>
  Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1));

/** A record as the company may see it. Of operators it is told that one acted, not which. */
export function auditView(entry: AuditEntry) {
  const { id, at, action, outcome, reason, actor, employeeId, subject, origin, count, changes, details } =
    entry;
  return {
    id,
    at,
    action,
    outcome,
    reason: reason ?? null,
    actor: { kind: actor.kind, id: actor.id ?? null, userType: actor.userType ?? null },
    employeeId: employeeId ?? null,
    subject: subject ?? null,
    sourceAddress: origin?.sourceAddress ?? null,
    userAgent: origin?.userAgent ?? null,
    correlationId: origin?.correlationId ?? null,
    count: count ?? 1,
    changes: Object.fromEntries(
      inOrder(changes).map(([field, { before, after }]) => [
        field,
        { before: before ?? null, after: after ?? null },
      ]),
    ),
    details: Object.fromEntries(inOrder(details)),
  };
}

export type AuditView = ReturnType<typeof auditView>;
