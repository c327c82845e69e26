import { foldName, tenantSlug } from '../../shared/rules/names.ts';
import { auditItem, NO_TENANT, type Origin } from '../../shared/store/audit.ts';
import { newReset } from '../../shared/store/resets.ts';
import { NOT_EXISTS, type Table, transact } from '../../shared/store/table.ts';

/** How long the link is good for is the company's own setting: the mail says it, a stranger is not told. */
export const LINK_ASKED_MESSAGE =
  'If there is such an account and it has a mail address, a mail with a link is on its way. ' +
  'It says how long the link is good for.';

/**
 * Puts the request and its audit record, and reads nothing: the calls are the same whatever was typed (S1).
 * Whether there is such an account is found out after commit. What was typed is not in the audit: people type
 * passwords into the user name field.
 */
export async function askForLink(
  table: Table,
  asked: { readonly company: string; readonly userName: string },
  at: { readonly origin: Origin; readonly now: Date },
): Promise<void> {
  const tenant = tenantSlug(asked.company);
  const reset = newReset({ tenant, requestedBy: 'owner', foldedUserName: foldName(asked.userName) }, at.now);
  const audit = auditItem({
    tenant: tenant === '' ? NO_TENANT : tenant,
    at: at.now,
    action: 'password.reset-request',
    outcome: 'done',
    actor: { kind: 'owner' },
    origin: at.origin,
    details: { resetId: reset.id },
  });
  await transact(table, [{ put: reset, when: NOT_EXISTS }, { put: audit }]);
}
