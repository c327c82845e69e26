import { logInfo } from '../../shared/log.ts';
import { guessesMail } from '../../shared/mail/mails.ts';
import { countMail } from '../../shared/metrics.ts';
import type { AuditRecord } from '../../shared/store/audit.ts';
import { guessNoticeSettled, readOwedGuessNotice } from '../../shared/store/guess-notices.ts';
import type { Deps } from './deps.ts';

/** "Somebody tries to guess your password": once for each burst, to accounts that could be signed in to. */
export async function sendGuessNotice(deps: Deps, id: string, now: Date): Promise<void> {
  const owed = await readOwedGuessNotice(deps.table, id);
  if (owed === undefined) return;
  const { notice, tenant, employee } = owed;
  const audit: AuditRecord = {
    tenant: notice.tenant ?? '',
    at: now,
    action: 'mail.guesses',
    outcome: 'done',
    actor: { kind: 'system' },
    employeeId: notice.employeeId,
  };
  const reason =
    employee?.active !== true || tenant?.active !== true
      ? 'account_inactive'
      : employee.emailAddress === undefined
        ? 'mail_address_missing'
        : undefined;
  if (reason !== undefined || employee?.emailAddress === undefined) {
    await guessNoticeSettled(deps.table, notice, {
      ...audit,
      outcome: 'refused',
      ...(reason === undefined ? {} : { reason }),
    });
    countMail('Dropped');
    return logInfo('mail_dropped', { reason });
  }
  const company = tenant?.company ?? employee.tenant;
  await deps.sendMail(
    employee.emailAddress,
    guessesMail({ company, userName: employee.userName, at: notice.at }),
    notice,
  );
  await guessNoticeSettled(deps.table, notice, audit);
  countMail('Sent');
  logInfo('mail_sent');
}
