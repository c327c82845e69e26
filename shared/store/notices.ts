import * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { newId } from '../ids.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { commonFields, employeeItem, epochTime, tenantItem } from './items.ts';
import { employeeKey, noticeKey, owedEntry, tenantKey } from './keys.ts';
import { owedNoMore } from './owed.ts';
import { batchGet, getItem, NOT_EXISTS, type Table, transact, type Write } from './table.ts';

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
  type: v.literal('notice'),
  id: v.string(),
  tenant: v.string(),
  employeeId: v.number(),
  notice: v.picklist(NOTICES),
  at: epochTime,
  outbox: v.picklist(['pending', 'done']),
  expiresAt: epochTime,
});
export type NoticeItem = v.InferOutput<typeof noticeItem>;
export type Notice = NoticeItem['notice'];

const NOTICE_RETENTION_DAYS = 30;
const DAY_SECONDS = 86_400;

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
  const { tenant, employee } = await batchGet(table, {
    tenant: { key: tenantKey(notice.tenant), schema: tenantItem },
    employee: { key: employeeKey(notice.tenant, notice.employeeId), schema: employeeItem },
  });
  return { notice, tenant, employee };
}

/** The mail was sent, or can reach nobody. */
export async function noticeSettled(
  table: Table,
  notice: NoticeItem,
  audit: AuditRecord | undefined,
): Promise<void> {
  await transact<'moved_on'>(table, [
    {
      update: noticeKey(notice.id),
      set: owedNoMore,
      when: { expression: '#outbox = :owed', values: { ':owed': 'pending' } },
      onConflict: 'moved_on',
    },
    ...(audit ? [{ put: auditItem(audit) }] : []),
  ]);
}
