import * as v from 'valibot';
import { DAY_SECONDS, epochSeconds } from '../clock.ts';
import { newId } from '../ids.ts';
import { commonFields, epochTime, wakeFields } from './items.ts';
import { noticeKey, owedEntry } from './keys.ts';
import { readAccount } from './sign-in.ts';
import { getItem, NOT_EXISTS, type Table, type Write } from './table.ts';

const NOTICES = [
  'factor-added',
  'factor-removed',
  'factor-reset',
  'recovery-codes-renewed',
  'recovery-code-used',
  'new-network',
] as const;

/** A mail that tells the owner what happened to the account, without a link; owed while `pending`. */
export const noticeItem = v.object({
  ...commonFields,
  ...wakeFields,
  type: v.literal('notice'),
  id: v.string(),
  tenant: v.string(),
  employeeId: v.number(),
  notice: v.picklist(NOTICES),
  at: epochTime,
  outbox: v.picklist(['pending', 'done']),
  expiresAt: epochTime,
});
type NoticeItem = v.InferOutput<typeof noticeItem>;
export type Notice = NoticeItem['notice'];

const NOTICE_RETENTION_DAYS = 30;

/** Owes the account's owner a mail, by the transaction that does what the mail tells of. */
export function oweNotice(
  account: { readonly tenant: string; readonly id: number },
  notice: Notice,
  now: Date,
): Write<never> {
  const item: NoticeItem = {
    schema: 1,
    type: 'notice',
    id: newId(),
    tenant: account.tenant,
    employeeId: account.id,
    notice,
    at: epochSeconds(now),
    outbox: 'pending',
    expiresAt: epochSeconds(now) + NOTICE_RETENTION_DAYS * DAY_SECONDS,
  };
  return {
    put: { ...noticeKey(item.id), ...item, ...owedEntry(item.id, item.at) },
    when: NOT_EXISTS,
  };
}

/** Read afresh: the stream may tell of what has long been done. Undefined when the mail is owed no more. */
export async function readOwedNotice(table: Table, id: string) {
  const notice = await getItem(table, noticeKey(id), noticeItem);
  if (notice === undefined || notice.outbox !== 'pending') return undefined;
  return { notice, ...(await readAccount(table, notice.tenant, notice.employeeId)) };
}
