import { logInfo } from '../../shared/log.ts';
import { accountNoticeMail } from '../../shared/mail/mails.ts';
import type { AuditRecord } from '../../shared/store/audit.ts';
import { noticeSettled, readOwedNotice } from '../../shared/store/notices.ts';
import type { Deps } from './deps.ts';

/** What happened to an account, told to its owner: also where it was deactivated since. */
export async function sendAccountNotice(deps: Deps, id: string, now: Date): Promise<void> {
  const owed = await readOwedNotice(deps.table, id);
  if (owed === undefined) return;
  const { notice, tenant, employee } = owed;
  if (employee === undefined) {
    await noticeSettled(deps.table, notice, undefined);
    return logInfo('mail_dropped', { reason: 'account_unknown' });
  }
  const audit: AuditRecord = {
    tenant: notice.tenant,
    at: now,
    action: 'mail.account-notice',
    outcome: 'done',
    actor: { kind: 'system' },
    employeeId: employee.id,
    details: { notice: notice.notice },
  };
  if (employee.emailAddress === undefined) {
    const reason = 'mail_address_missing';
    await noticeSettled(deps.table, notice, { ...audit, outcome: 'refused', reason });
    return logInfo('mail_dropped', { reason });
  }
  const company = tenant?.company ?? employee.tenant;
  const at = new Date(notice.at * 1000);
  const mail = accountNoticeMail(notice.notice, { company, userName: employee.userName, at });
  await deps.sendMail(employee.emailAddress, mail, notice);
  await noticeSettled(deps.table, notice, audit);
  logInfo('mail_sent');
}
