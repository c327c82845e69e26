import { accountNoticeMail } from '../../shared/mail/mails.ts';
import { readOwedNotice } from '../../shared/store/notices.ts';
import type { Deps } from './deps.ts';
import { tellOwner } from './tell-owner.ts';

/** A change of the second factor, a sign-in from a new network: also to accounts that were deactivated since. */
export async function sendAccountNotice(deps: Deps, id: string, now: Date): Promise<void> {
  const owed = await readOwedNotice(deps.table, id);
  if (owed === undefined) return;
  const { notice: owedBy, tenant, employee } = owed;
  const audit = { action: 'mail.account-notice', details: { notice: owedBy.notice } } as const;
  const at = new Date(owedBy.at * 1000);
  const mail = (account: { company: string; userName: string }) =>
    accountNoticeMail(owedBy.notice, { ...account, at });
  await tellOwner(deps, { owedBy, tenant, employee, audit, mail }, now);
}
