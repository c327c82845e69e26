import { type AuditRecord, auditItem } from './audit.ts';
import { type EmployeeItem, employeeItem, type ResetItem, resetItem } from './items.ts';
import { employeeKey, resetKey } from './keys.ts';
import { getItem, type Table, transact } from './table.ts';

export type MailProblem = NonNullable<EmployeeItem['mailProblem']>;
type Addressee = { readonly reset: ResetItem; readonly employee: EmployeeItem };

/** Whom the mail of a reset went to; undefined where the reset or the account is gone. */
export async function readAddressee(table: Table, resetId: string): Promise<Addressee | undefined> {
  const reset = await getItem(table, resetKey(resetId), resetItem);
  if (reset?.employeeId === undefined) return undefined;
  const employee = await getItem(table, employeeKey(reset.tenant, reset.employeeId), employeeItem);
  return employee && { reset, employee };
}

/** Marks the address; false if it was changed meanwhile, or is marked already. */
export async function markUndeliverable(
  table: Table,
  employee: EmployeeItem,
  problem: MailProblem,
  audit: AuditRecord,
): Promise<boolean> {
  const conflicts = await transact<'moved_on'>(table, [
    {
      update: employeeKey(employee.tenant, employee.id),
      // A mail that is reported as spam did arrive.
      set:
        problem === 'bounced'
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
