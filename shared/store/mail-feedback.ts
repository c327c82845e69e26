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
      set: {
        // With the version, so that an edit under way does not write the older state back.
        expression: 'SET #mailProblem = :problem, #instructionsState = :bounced ADD #version :one',
        names: {
          '#mailProblem': 'mailProblem',
          '#instructionsState': 'instructionsState',
          '#version': 'version',
        },
        values: {
          ':problem': problem,
          ':bounced': problem === 'bounced' ? 'bounced' : employee.instructionsState,
          ':one': 1,
        },
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
