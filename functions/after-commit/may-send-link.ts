import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { maySendInstructions, OWNER_REQUEST_MAX_WAIT_MINUTES } from '../../shared/rules/passwords.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import type { OwedMail } from '../../shared/store/outbox.ts';

export type DropReason =
  | 'account_unknown'
  | 'tenant_suspended'
  | 'account_inactive'
  | 'mail_address_missing'
  | 'request_too_old'
  | 'link_superseded';

type Addressed = { readonly employee: EmployeeItem; readonly address: string };

/** What was found out after commit: whether the request has an account, and a link may be mailed to it. */
export function maySendLink(
  owed: OwedMail,
  nowEpochSeconds: number,
): Decision<Addressed, { readonly reason: DropReason }> {
  const { reset, tenant, employee, newest } = owed;
  if (tenant === undefined || employee === undefined) return refused({ reason: 'account_unknown' });
  if (!tenant.active) return refused({ reason: 'tenant_suspended' });
  const address = maySendInstructions({ active: employee.active, emailAddress: employee.emailAddress });
  if (!address.ok) return address;
  const waitedSeconds = nowEpochSeconds - reset.requestedAt;
  if (reset.requestedBy === 'owner' && waitedSeconds > OWNER_REQUEST_MAX_WAIT_MINUTES * 60) {
    return refused({ reason: 'request_too_old' });
  }
  // A request that was held up must not void the link of a later one.
  if (newest !== undefined && newest.requestedAt > reset.requestedAt) {
    return refused({ reason: 'link_superseded' });
  }
  return granted({ employee, address: address.value });
}
