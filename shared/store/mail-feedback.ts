import type { OwedBy } from '../mail/addresses.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { type EmployeeItem, employeeItem } from './items.ts';
import { employeeKey } from './keys.ts';
import { owedMailItem, owedMailKey } from './owed-mails.ts';
import { getItem, type Table, transact } from './table.ts';

export type MailProblem = NonNullable<EmployeeItem['mailProblem']>;

/** Whom a mail went to; undefined where what owed it, or the account, is gone. */
export async function readAddressee(table: Table, owedBy: OwedBy): Promise<EmployeeItem | undefined> {
  const { tenant, employeeId } = (await getItem(table, owedMailKey(owedBy), owedMailItem)) ?? {};
  if (tenant === undefined || employeeId === undefined) return undefined;
  return getItem(table, employeeKey(tenant, employeeId), employeeItem);
}

/** @param of whether the mail held instructions, whose state it then tells, too. */
export type Undeliverable = { readonly problem: MailProblem; readonly of: 'instructions' | 'notice' };

/** Marks the address; false if it was changed meanwhile, or is marked already. */
export async function markUndeliverable(
  table: Table,
  employee: EmployeeItem,
  { problem, of }: Undeliverable,
  audit: AuditRecord,
): Promise<boolean> {
  const conflicts = await transact<'moved_on'>(table, [
    {
      update: employeeKey(employee.tenant, employee.id),
      // A mail that is reported as spam did arrive.
      set:
        problem === 'bounced' && of === 'instructions'
          ? {
              expression: 'SET #mailProblem = :problem, #instructionsState = :problem',
              names: { '#mailProblem': 'mailProblem', '#instructionsState': 'instructionsState' },
              values: { ':problem': problem },
            }
          : {
              expression: 'SET #mailProblem = :problem',
              names: { '#mailProblem': 'mailProblem' },
              values: { ':problem': problem },
            },
      when: {
        expression:
          '#emailAddress = :address AND (attribute_not_exists(#mailProblem) OR #mailProblem <> :problem)',
        names: { '#emailAddress': 'emailAddress' },
        values: { ':address': employee.emailAddress },
      },
      onConflict: 'moved_on',
    },
    { put: auditItem(audit) },
  ]);
  return conflicts.length === 0;
}
