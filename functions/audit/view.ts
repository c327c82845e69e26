import type { AuditEntry } from '../../shared/store/items.ts';

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
      Object.entries(changes ?? {}).map(([field, { before, after }]) => [
        field,
        { before: before ?? null, after: after ?? null },
      ]),
    ),
    details: details ?? {},
  };
}

export type AuditView = ReturnType<typeof auditView>;
