import { type AuditRecord, auditItem } from './audit.ts';
import { readEmployee } from './employees.ts';
import type { EmployeeItem, TenantItem } from './items.ts';
import { employeeKey, resetKey } from './keys.ts';
import { OWED_ENTRY } from './owed.ts';
import { type ResetItem, resetItem } from './resets.ts';
import { readAccount, readSignIn } from './sign-in.ts';
import { type Condition, getItem, type Table, transact, type Write } from './table.ts';

/** A mail that is owed, with its account and company as they are now. */
export type OwedMail = {
  readonly reset: ResetItem;
  readonly tenant: TenantItem | undefined;
  readonly employee: EmployeeItem | undefined;
  /** The request behind the account's newest link, where that is another one than `reset`. */
  readonly newest: ResetItem | undefined;
};

/** Read afresh: the stream may tell of what has long been done. Undefined when no mail is owed any more. */
export async function readOwedMail(table: Table, id: string): Promise<OwedMail | undefined> {
  const reset = await getItem(table, resetKey(id), resetItem);
  if (reset === undefined || reset.outbox === 'done') return undefined;
  const { tenant, employee } = await readOwner(table, reset);
  const newestId = employee?.resetId;
  const newest =
    newestId === undefined || newestId === id
      ? undefined
      : await getItem(table, resetKey(newestId), resetItem);
  return { reset, tenant, employee, newest };
}

async function readOwner(table: Table, reset: ResetItem) {
  if (reset.employeeId !== undefined) return readAccount(table, reset.tenant, reset.employeeId);
  const { tenant, login } = await readSignIn(table, reset.tenant, reset.foldedUserName ?? '');
  const employee = login && (await readEmployee(table, reset.tenant, login.employeeId));
  return { tenant, employee };
}

type Addressee = { readonly reset: ResetItem; readonly employee: EmployeeItem };

/**
 * Makes the link good, and every older one void (S2), before its mail is sent: whoever has the mail can use it.
 * Conditional on the request and the account being as read: the address and the newest link among it.
 */
export async function openLink(
  table: Table,
  { reset, employee }: Addressee,
  link: { readonly secretHash: string; readonly expiresAtEpochSeconds: number },
): Promise<boolean> {
  const conflicts = await transact<'lost'>(table, [
    {
      update: resetKey(reset.id),
      set: {
        expression:
          'SET #outbox = :sending, #secretHash = :hash, #linkExpiresAt = :until, #employeeId = :employee REMOVE #foldedUserName',
        names: {
          '#outbox': 'outbox',
          '#secretHash': 'secretHash',
          '#linkExpiresAt': 'linkExpiresAt',
          '#employeeId': 'employeeId',
          '#foldedUserName': 'foldedUserName',
        },
        values: {
          ':sending': 'sending',
          ':hash': link.secretHash,
          ':until': link.expiresAtEpochSeconds,
          ':employee': employee.id,
        },
      },
      when: stillRequested(reset),
      onConflict: 'lost',
    },
    {
      update: employeeKey(employee.tenant, employee.id),
      set: {
        expression: 'SET #resetId = :reset',
        names: { '#resetId': 'resetId' },
        values: { ':reset': reset.id },
      },
      when: {
        expression: `#active = :yes AND #emailAddress = :address AND ${
          employee.resetId === undefined ? 'attribute_not_exists(#resetId)' : '#resetId = :seen'
        }`,
        names: { '#active': 'active', '#emailAddress': 'emailAddress' },
        values: {
          ':yes': true,
          ':address': employee.emailAddress,
          ...(employee.resetId === undefined ? {} : { ':seen': employee.resetId }),
        },
      },
      onConflict: 'lost',
    },
  ]);
  return conflicts.length === 0;
}

/** Of two runs for one request one makes the secret: it is conditional on the secret that was read. */
function stillRequested(reset: ResetItem): Condition {
  return {
    expression: `#state = :requested AND #outbox <> :done AND ${
      reset.secretHash === undefined ? 'attribute_not_exists(#secretHash)' : '#secretHash = :seen'
    }`,
    names: { '#state': 'state', '#outbox': 'outbox', '#secretHash': 'secretHash' },
    values: {
      ':requested': 'requested',
      ':done': 'done',
      ...(reset.secretHash === undefined ? {} : { ':seen': reset.secretHash }),
    },
  };
}

/** SES took the mail. A link that was used before this is written stays used, and the notice of it owed. */
export async function linkSent(
  table: Table,
  { reset, employee }: Addressee,
  secretHash: string,
  audit: AuditRecord,
): Promise<void> {
  const told = [instructions(employee, 'sent', audit.at), { put: auditItem(audit) }];
  const conflicts = await transact<'moved_on'>(table, [
    {
      update: resetKey(reset.id),
      set: { ...closing, values: { ':state': 'sent', ':done': 'done' } },
      when: {
        expression: '#state = :requested AND #secretHash = :hash',
        names: { '#secretHash': 'secretHash' },
        values: { ':requested': 'requested', ':hash': secretHash },
      },
      onConflict: 'moved_on',
    },
    ...told,
  ]);
  if (conflicts.length === 0) return;
  // An account that was deleted meanwhile keeps its record all the same.
  const gone = await transact(table, told);
  if (gone.length > 0) await transact(table, [{ put: auditItem(audit) }]);
}

const closing = {
  expression: `SET #state = :state, #outbox = :done REMOVE ${OWED_ENTRY}`,
  names: { '#state': 'state', '#outbox': 'outbox' },
} as const;

function instructions(employee: EmployeeItem, state: 'sent' | 'dropped', at: Date): Write<'moved_on'> {
  return {
    update: employeeKey(employee.tenant, employee.id),
    set: {
      expression: 'SET #instructionsState = :instructions, #instructionsOn = :on',
      names: { '#instructionsState': 'instructionsState', '#instructionsOn': 'instructionsOn' },
      values: { ':instructions': state, ':on': at.toISOString() },
    },
    // An update would bring a deleted account half back.
    when: { expression: 'attribute_exists(PK)' },
    onConflict: 'moved_on',
  };
}

/** No mail will be sent for this request. What was typed goes with it. An admin sees it on the employee. */
export async function dropRequest(
  table: Table,
  reset: ResetItem,
  told: { readonly at: Date; readonly employee: EmployeeItem | undefined; readonly audit?: AuditRecord },
): Promise<void> {
  const { at, employee, audit } = told;
  // A conflict says that another run was faster; either way nothing is owed any more.
  const conflicts = await transact<'moved_on'>(table, [
    {
      update: resetKey(reset.id),
      set: {
        expression: `${closing.expression}, #foldedUserName, #secretHash`,
        names: { ...closing.names, '#foldedUserName': 'foldedUserName', '#secretHash': 'secretHash' },
        values: { ':state': 'dropped', ':done': 'done' },
      },
      when: { expression: '#state = :requested', values: { ':requested': 'requested' } },
      onConflict: 'moved_on',
    },
    ...(employee && reset.requestedBy !== 'owner' ? [instructions(employee, 'dropped', at)] : []),
    ...(audit ? [{ put: auditItem(audit) }] : []),
  ]);
  // Or the account was deleted meanwhile: the request is closed without it.
  if (conflicts.length > 0 && employee) await dropRequest(table, reset, { ...told, employee: undefined });
}
