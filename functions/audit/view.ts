import type { AuditEntry } from '../../shared/store/audit-log.ts';

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
      Object.entries(changes ?? {})
        .sort(byName)
        .map(([field, { before, after }]) => [
          field,
          { before: ordered(before ?? null), after: ordered(after ?? null) },
        ]),
    ),
    details: ordered(details ?? {}),
  };
}

/** A map has no order in the table; two exports of one record are to be the same text, so each is put into one. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).sort(byName);
  return Object.fromEntries(fields.map(([name, inner]) => [name, ordered(inner)]));
}

const byName = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]) =>
  one < other ? -1 : 1;

export const auditText = (entry: AuditEntry): string => JSON.stringify(auditView(entry));

export type AuditView = ReturnType<typeof auditView>;
