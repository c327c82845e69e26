import { guessesMail } from '../../shared/mail/mails.ts';
import { readOwedGuessNotice } from '../../shared/store/guess-notices.ts';
import type { Deps } from './deps.ts';
import { tellOwner } from './tell-owner.ts';

/** "Somebody tries to guess your password": once for each burst, to accounts that could be signed in to. */
export async function sendGuessNotice(deps: Deps, id: string, now: Date): Promise<void> {
  const owed = await readOwedGuessNotice(deps.table, id);
  if (owed === undefined) return;
  const { notice: owedBy, tenant, employee } = owed;
  const audit = { action: 'mail.guesses' } as const;
  const mail = (account: { company: string; userName: string }) => guessesMail({ ...account, at: owedBy.at });
  const dropFor = employee?.active && tenant?.active ? undefined : 'account_inactive';
  await tellOwner(deps, { owedBy, tenant, employee, audit, mail, dropFor }, now);
}
