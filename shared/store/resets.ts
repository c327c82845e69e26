import * as v from 'valibot';
import { DAY_SECONDS, epochSeconds } from '../clock.ts';
import { newId } from '../ids.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { VERSION_AS_READ } from './employees.ts';
import { commonFields, type EmployeeItem, epochTime, wakeFields } from './items.ts';
import { employeeKey, owedEntry, resetKey } from './keys.ts';
import { readAccount } from './sign-in.ts';
import { getItem, NOT_EXISTS, type Table, transact, type Write } from './table.ts';

/** A reset from its request to its use; also the outbox of its mails. */
export const resetItem = v.object({
  ...commonFields,
  ...wakeFields,
  type: v.literal('reset'),
  id: v.string(),
  tenant: v.string(),
  /** `owner`: asked on the public page; `admin`: Reset and send instructions; `setup`: a new account. */
  requestedBy: v.picklist(['owner', 'admin', 'setup']),
  /** What the owner typed, folded; gone as soon as the account is known, or known not to exist. */
  foldedUserName: v.optional(v.string()),
  employeeId: v.optional(v.number()),
  state: v.picklist(['requested', 'sent', 'used', 'dropped']),
  /**
   * `pending` when a mail falls due: the link after `requested`, the notice after `used`. `sending` once its link
   * is made, so that this write wakes nobody again. `done` when SES took it, or nothing is owed.
   */
  outbox: v.picklist(['pending', 'sending', 'done']),
  secretHash: v.optional(v.string()),
  linkExpiresAt: v.optional(epochTime),
  /** Claim of one attempt to set the password: its id, its fresh generation, the end of its lease. */
  attempt: v.optional(v.string()),
  attemptGeneration: v.optional(v.string()),
  leaseUntil: v.optional(epochTime),
  requestedAt: epochTime,
  expiresAt: epochTime,
});
export type ResetItem = v.InferOutput<typeof resetItem>;

/** A reset and what is left of it: long enough to say "already used" to whoever opens the link again. */
const RESET_RETENTION_DAYS = 30;

/** Epoch seconds at which a reset of now is removed. */
export function keptUntil(now: Date): number {
  return epochSeconds(now) + RESET_RETENTION_DAYS * DAY_SECONDS;
}

/** A request for a link. Its mail is sent, and its secret made, after commit. */
export function newReset(
  request: Pick<ResetItem, 'tenant' | 'requestedBy'> &
    ({ readonly employeeId: number } | { readonly foldedUserName: string }),
  now: Date,
): Record<string, unknown> & { readonly id: string } {
  const id = newId();
  const item: ResetItem = {
    schema: 1,
    type: 'reset',
    id,
    ...request,
    state: 'requested',
    outbox: 'pending',
    requestedAt: epochSeconds(now),
    expiresAt: keptUntil(now),
  };
  return { ...resetKey(id), ...item, ...owedEntry(id, item.requestedAt) };
}

/** *Reset and send instructions* (M4): on condition that the account is as the rules saw it (M5). */
export function requestInstructions(
  table: Table,
  employee: EmployeeItem,
  reset: Record<string, unknown>,
  audit: AuditRecord,
  alongside: readonly Write<'changed_meanwhile'>[] = [],
): Promise<readonly 'changed_meanwhile'[]> {
  return transact<'changed_meanwhile'>(table, [
    {
      update: employeeKey(employee.tenant, employee.id),
      set: {
        expression: 'SET #instructionsState = :pending, #instructionsOn = :on REMOVE #mailProblem',
        names: {
          '#instructionsState': 'instructionsState',
          '#instructionsOn': 'instructionsOn',
          '#mailProblem': 'mailProblem',
        },
        values: { ':pending': 'pending', ':on': audit.at.toISOString() },
      },
      when: VERSION_AS_READ(employee),
      onConflict: 'changed_meanwhile',
    },
    { put: reset, when: NOT_EXISTS },
    { put: auditItem(audit) },
    ...alongside,
  ]);
}

export type OpenReset = {
  readonly reset: ResetItem;
  readonly employee: EmployeeItem | undefined;
  readonly tenant: {
    readonly tenant: string;
    readonly company: string;
    readonly requireMfa: boolean;
    readonly active: boolean;
  };
};

/** The reset with its account and company; undefined when there is no such reset or it has no account. */
export async function readReset(table: Table, id: string): Promise<OpenReset | undefined> {
  const reset = await getItem(table, resetKey(id), resetItem);
  if (reset?.employeeId === undefined) return undefined;
  const { employee, tenant } = await readAccount(table, reset.tenant, reset.employeeId);
  return tenant === undefined ? undefined : { reset, employee, tenant };
}
