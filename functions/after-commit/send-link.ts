import { epochSeconds } from '../../shared/clock.ts';
import { newSecret, sha256 } from '../../shared/ids.ts';
import { logInfo } from '../../shared/log.ts';
import { type Mail, resetMail, setUpMail } from '../../shared/mail/mails.ts';
import { countMail } from '../../shared/metrics.ts';
import { linkMinutes } from '../../shared/rules/lifetimes.ts';
import { isApiEmployee } from '../../shared/rules/user-types.ts';
import type { AuditRecord } from '../../shared/store/audit.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { dropRequest, linkSent, type OwedMail, openLink } from '../../shared/store/outbox.ts';
import type { ResetItem } from '../../shared/store/resets.ts';
import type { Deps } from './deps.ts';
import { type DropReason, maySendLink } from './may-send-link.ts';

class ChangedMeanwhileError extends Error {
  override readonly name = 'ChangedMeanwhileError';
}

/** The secret is born here and leaves in the mail only; the table gets its hash (S2). */
export async function sendLink(deps: Deps, owed: OwedMail, now: Date): Promise<void> {
  const { reset, tenant } = owed;
  const decision = maySendLink(owed, epochSeconds(now));
  if (!decision.ok) return drop(deps, owed, decision.refusal.reason, now);
  const { employee, address } = decision.value;
  const minutes = linkMinutes(tenant ?? {}, reset.requestedBy);
  const secret = newSecret();
  const secretHash = sha256(secret);
  const expiresAtEpochSeconds = epochSeconds(now) + minutes * 60;
  if (!(await openLink(deps.table, { reset, employee }, { secretHash, expiresAtEpochSeconds }))) {
    // The account or the request changed since it was read: the next try decides anew.
    throw new ChangedMeanwhileError();
  }
  const link = `${deps.publicUrl}/password/new?link=${reset.id}.${secret}`;
  await deps.sendMail(address, linkMail(employee, tenant?.company ?? employee.tenant, link, minutes), reset);
  await linkSent(deps.table, { reset, employee }, secretHash, auditOf(reset, employee, now));
  countMail('Sent');
  logInfo('mail_sent', { resetId: reset.id });
}

function linkMail(employee: EmployeeItem, company: string, link: string, goodForMinutes: number): Mail {
  const { userName, userType } = employee;
  const mail = { company, userName, link, goodForMinutes, forSoftware: isApiEmployee(userType) };
  return employee.generation === undefined ? setUpMail(mail) : resetMail(mail);
}

/** Told to admins where there is an account; of an unknown one nothing is kept but the request itself. */
async function drop(deps: Deps, owed: OwedMail, reason: DropReason, now: Date): Promise<void> {
  const { reset, employee } = owed;
  const audit = employee && { ...auditOf(reset, employee, now), outcome: 'refused' as const, reason };
  // Superseded is not undeliverable: the newer request tells its own state.
  const shownOn = reason === 'link_superseded' ? undefined : employee;
  await dropRequest(deps.table, reset, { at: now, employee: shownOn, ...(audit ? { audit } : {}) });
  countMail('Dropped');
  logInfo('mail_dropped', { resetId: reset.id, reason });
}

function auditOf(reset: ResetItem, employee: EmployeeItem, at: Date): AuditRecord {
  return {
    tenant: reset.tenant,
    at,
    action: 'mail.link',
    outcome: 'done',
    actor: { kind: 'system' },
    employeeId: employee.id,
    details: { resetId: reset.id, requestedBy: reset.requestedBy },
  };
}
