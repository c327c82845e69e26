import * as v from 'valibot';
import { DAY_SECONDS, epochSeconds } from '../clock.ts';
import { newId } from '../ids.ts';
import { commonFields, type EmployeeItem, epochTime, type TenantItem, wakeFields } from './items.ts';
import { guessNoticeKey, owedEntry } from './keys.ts';
import { readAccount } from './sign-in.ts';
import { getItem, type Table } from './table.ts';

/** A mail about a burst of guesses; also its outbox. Without an account it is owed to nobody. */
export const guessNoticeItem = v.object({
  ...commonFields,
  ...wakeFields,
  type: v.literal('guess-notice'),
  id: v.string(),
  tenant: v.optional(v.string()),
  employeeId: v.optional(v.number()),
  outbox: v.picklist(['pending', 'done', 'none']),
  at: v.string(),
  expiresAt: epochTime,
});
export type GuessNoticeItem = v.InferOutput<typeof guessNoticeItem>;

const RETENTION_SECONDS = 30 * DAY_SECONDS;

/**
 * For the write that records the failure by which an account's budget ran out. An account that does not exist gets
 * one too, owed to nobody: the write looks the same (S1). The address of whoever guessed is in the audit.
 */
export function newGuessNotice(
  account: { readonly tenant: string; readonly employeeId: number } | undefined,
  now: Date,
): Record<string, unknown> {
  const id = newId();
  const item: GuessNoticeItem = {
    schema: 1,
    type: 'guess-notice',
    id,
    ...account,
    outbox: account === undefined ? 'none' : 'pending',
    at: now.toISOString(),
    expiresAt: epochSeconds(now) + RETENTION_SECONDS,
  };
  return { ...guessNoticeKey(id), ...item, ...(account && owedEntry(id, epochSeconds(now))) };
}

export type OwedGuessNotice = {
  readonly notice: GuessNoticeItem;
  readonly tenant: TenantItem | undefined;
  readonly employee: EmployeeItem | undefined;
};

/** Undefined when no mail is owed any more. */
export async function readOwedGuessNotice(table: Table, id: string): Promise<OwedGuessNotice | undefined> {
  const notice = await getItem(table, guessNoticeKey(id), guessNoticeItem);
  if (notice?.outbox !== 'pending' || notice.tenant === undefined || notice.employeeId === undefined) {
    return undefined;
  }
  return { notice, ...(await readAccount(table, notice.tenant, notice.employeeId)) };
}
