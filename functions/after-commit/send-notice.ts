import { logInfo } from '../../shared/log.ts';
import { passwordChangedMail } from '../../shared/mail/mails.ts';
import { countMail } from '../../shared/metrics.ts';
import type { AuditRecord } from '../../shared/store/audit.ts';
import { type OwedMail, passwordNoticeSettled } from '../../shared/store/outbox.ts';
import type { Deps } from './deps.ts';

/** "Your password was changed" (S3): also to accounts that were deactivated since. */
export async function sendNotice(deps: Deps, owed: OwedMail, now: Date): Promise<void> {
  const { reset, tenant, employee } = owed;
  if (employee === undefined) {
    await passwordNoticeSettled(deps.table, reset, undefined);
    return logInfo('mail_dropped', { resetId: reset.id, reason: 'account_unknown' });
  }
  const audit: AuditRecord = {
    tenant: reset.tenant,
    at: now,
    action: 'mail.password-changed',
    outcome: 'done',
    actor: { kind: 'system' },
    employeeId: employee.id,
    details: { resetId: reset.id },
  };
  if (employee.emailAddress === undefined) {
    const reason = 'mail_address_missing';
    await passwordNoticeSettled(deps.table, reset, { ...audit, outcome: 'refused', reason });
    return logInfo('mail_dropped', { resetId: reset.id, reason });
  }
  const company = tenant?.company ?? employee.tenant;
  await deps.sendMail(
    employee.emailAddress,
    passwordChangedMail({ company, userName: employee.userName }),
    reset,
  );
  await passwordNoticeSettled(deps.table, reset, audit);
  countMail('Sent');
  logInfo('mail_sent', { resetId: reset.id });
}
