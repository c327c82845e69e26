import { passwordChangedMail } from '../../shared/mail/mails.ts';
import type { OwedMail } from '../../shared/store/outbox.ts';
import type { Deps } from './deps.ts';
import { tellOwner } from './tell-owner.ts';

/** "Your password was changed" (S3): also to accounts that were deactivated since. */
export function sendPasswordNotice(deps: Deps, owed: OwedMail, now: Date): Promise<void> {
  const { reset, tenant, employee } = owed;
  const audit = { action: 'mail.password-changed', details: { resetId: reset.id } } as const;
  return tellOwner(deps, { owedBy: reset, tenant, employee, audit, mail: passwordChangedMail }, now);
}
