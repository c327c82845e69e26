import { foldName, tenantSlug } from '../../shared/rules/names.ts';
import { auditItem, NO_TENANT, type Origin } from '../../shared/store/audit.ts';
import { resetMailPlaces } from '../../shared/store/reset-mails.ts';
import { newReset } from '../../shared/store/resets.ts';
import { NOT_EXISTS, type Table, transact } from '../../shared/store/table.ts';
import { countThrottled } from '../../shared/store/throttled.ts';

/** How long the link is good for is the company's own setting: the mail says it, a stranger is not told. */
export const LINK_ASKED_MESSAGE =
  'If there is such an account and it has a mail address, a mail with a link is on its way. ' +
  'It says how long the link is good for.';

/**
 * Puts the request, a place for its mail (S7) and its audit record, and reads nothing: the calls are the same
 * whatever was typed (S1).
 * Whether there is such an account is found out after commit. What was typed is not in the audit: people type
 * passwords into the user name field.
 */
export async function askForLink(
  table: Table,
  asked: { readonly company: string; readonly userName: string },
  at: { readonly origin: Origin; readonly now: Date },
): Promise<void> {
  const tenant = tenantSlug(asked.company);
  const folded = foldName(asked.userName);
  const reset = newReset({ tenant, requestedBy: 'owner', foldedUserName: folded }, at.now);
  const record = {
    tenant: tenant === '' ? NO_TENANT : tenant,
    at: at.now,
    action: 'password.reset-request',
    actor: { kind: 'owner' },
    origin: at.origin,
  } as const;
  const places = resetMailPlaces({ tenant, folded, network: at.origin.network }, at.now);
  const conflicts = await transact<'mails_exhausted'>(table, [
    { put: reset, when: NOT_EXISTS },
    ...places,
    { put: auditItem({ ...record, outcome: 'done', details: { resetId: reset.id } }) },
  ]);
  // S7. The answer stays the same; the audit tells why no mail comes of it, and of a flood how many there were.
  if (conflicts.length > 0) {
    const refused = { ...record, outcome: 'refused', reason: 'mails_exhausted' } as const;
    await countThrottled(table, refused, at.origin.network);
  }
}
