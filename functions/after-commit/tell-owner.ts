import { logInfo } from '../../shared/log.ts';
import type { OwedBy } from '../../shared/mail/addresses.ts';
import type { Mail } from '../../shared/mail/mails.ts';
import { countMail } from '../../shared/metrics.ts';
import type { AuditRecord } from '../../shared/store/audit.ts';
import type { EmployeeItem, TenantItem } from '../../shared/store/items.ts';
import { settleMail } from '../../shared/store/owed.ts';
import { owedMailKey } from '../../shared/store/owed-mails.ts';
import type { Deps } from './deps.ts';

type Notice = {
  readonly owedBy: OwedBy;
  readonly tenant: TenantItem | undefined;
  readonly employee: EmployeeItem | undefined;
  readonly audit: Pick<AuditRecord, 'action' | 'details'>;
  readonly mail: (account: { readonly company: string; readonly userName: string }) => Mail;
  /** Why this account is not told, whatever its address. */
  readonly dropFor?: 'account_inactive' | undefined;
};

/**
 * Mails an owner what happened to the account. Without an account or an address nobody can be told; either way the
 * mail is owed no more. Of an account that is gone nothing is audited.
 */
export async function tellOwner(
  { table, sendMail }: Pick<Deps, 'table' | 'sendMail'>,
  notice: Notice,
  now: Date,
): Promise<void> {
  const { owedBy, tenant, employee, audit, mail, dropFor } = notice;
  const key = owedMailKey(owedBy);
  const resetId = owedBy.type === 'reset' ? owedBy.id : undefined;
  const drop = async (reason: string, record?: AuditRecord) => {
    await settleMail(table, key, record && { ...record, outcome: 'refused', reason });
    countMail('Dropped');
    logInfo('mail_dropped', { resetId, reason });
  };
  if (employee === undefined) return drop('account_unknown');
  const { tenant: name, id: employeeId, userName, emailAddress } = employee;
  const actor = { kind: 'system' } as const;
  const record: AuditRecord = { tenant: name, at: now, outcome: 'done', actor, employeeId, ...audit };
  if (dropFor !== undefined) return drop(dropFor, record);
  if (emailAddress === undefined) return drop('mail_address_missing', record);
  await sendMail(emailAddress, mail({ company: tenant?.company ?? name, userName }), owedBy);
  await settleMail(table, key, record);
  countMail('Sent');
  logInfo('mail_sent', { resetId });
}
