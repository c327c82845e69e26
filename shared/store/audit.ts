import { DAY_SECONDS, epochSeconds } from '../clock.ts';
import { newId } from '../ids.ts';
import type { Reason } from '../refusal.ts';
import type { AUDIT_ACTIONS } from '../rules/audit-actions.ts';
import type { UserType } from '../rules/user-types.ts';
import { auditKey, auditSort, auditSubjectPartition } from './keys.ts';

/** M17: kept by default this long, then removed by TTL. */
export const AUDIT_RETENTION_DAYS = 400;
/** Where the records go of sign-ins that name a company which does not exist. */
export const NO_TENANT = '-';

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who acted: a signed-in employee, an operator, the holder of a password or a mailed link, or the system. */
export type AuditActor =
  | { readonly kind: 'employee'; readonly id: number; readonly userType: UserType }
  | { readonly kind: 'operator'; readonly arn: string }
  | { readonly kind: 'owner'; readonly id?: number | undefined }
  | { readonly kind: 'system' };

/** A signed-in employee, as a record names it. */
export function employeeActor({ id, userType }: { readonly id: number; readonly userType: UserType }) {
  return { kind: 'employee', id, userType } as const;
}

/** Where a request came from; addresses and agents are the caller's own words, cut to size. */
export type Origin = {
  readonly network: string;
  readonly sourceAddress: string;
  readonly userAgent: string;
  readonly correlationId: string;
};

export type AuditRecord = {
  readonly tenant: string;
  readonly at: Date;
  readonly action: AuditAction;
  readonly outcome: 'done' | 'refused' | 'failed';
  readonly reason?: Reason | string;
  readonly actor: AuditActor;
  readonly origin?: Origin | undefined;
  /** The employee that it is about. */
  readonly employeeId?: number | undefined;
  readonly subject?:
    | { readonly kind: 'role' | 'company' | 'tenant' | 'import'; readonly id: string }
    | undefined;
  /** Before and after of what changed; never a secret. */
  readonly changes?: Readonly<Record<string, { readonly before?: unknown; readonly after?: unknown }>>;
  readonly details?: Readonly<Record<string, unknown>>;
};

/** The item of one audit record, for the transaction or batch that does what it tells. */
export function auditItem(record: AuditRecord): Record<string, unknown> {
  const { at, tenant, employeeId, ...rest } = record;
  const id = newId();
  return {
    ...auditKey(tenant, at, id),
    schema: 1,
    type: 'audit',
    id,
    tenant,
    at: at.toISOString(),
    ...rest,
    ...(employeeId === undefined
      ? {}
      : {
          employeeId,
          subjectPK: auditSubjectPartition(tenant, employeeId),
          subjectSK: auditSort(at.toISOString(), id),
        }),
    expiresAt: epochSeconds(at) + AUDIT_RETENTION_DAYS * DAY_SECONDS,
  };
}

/** Personal, and kept for longer than the account: that it changed is told, not to what (S13). */
const WITHHELD: ReadonlySet<string> = new Set(['emailAddress']);

function shown(field: string, value: unknown): unknown {
  return value !== undefined && WITHHELD.has(field) ? 'withheld' : value;
}

/** Fields whose value differs, for an audit record. */
export function changesBetween<T extends object>(
  before: T,
  after: T,
  fields: readonly (keyof T & string)[],
): Record<string, { before?: unknown; after?: unknown }> {
  return Object.fromEntries(
    fields
      .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
      .map((field) => [field, { before: shown(field, before[field]), after: shown(field, after[field]) }]),
  );
}
