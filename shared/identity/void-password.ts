import { randomBytes } from 'node:crypto';
import { epochSeconds, systemClock } from '../clock.ts';
import type { AuditRecord } from '../store/audit.ts';
import { endTokens } from '../store/employee-ends.ts';
import { readEmployee } from '../store/employees.ts';
import type { EmployeeItem } from '../store/items.ts';
import { newReset } from '../store/resets.ts';
import { NOT_EXISTS, StoreBusyError, type Table, transact } from '../store/table.ts';
import { cognitoUserName } from './cognito-user.ts';
import { replacePassword, type UserPool } from './user-pool.ts';

const RANDOM_BYTES = 48;
const ROUNDS = 6;

/**
 * For a person, whose one Cognito user had taken a password before its commit was refused: the account, or its link,
 * is no longer what was decided upon. Neither that password nor any token got with it may stay, so a random one takes
 * its place; the owner is told by mail, the audit tells who tried, and a new link sets a password again (S3, M17).
 * An API Employee needs none of it: its account points to a generation only once that is committed.
 */
export async function voidPassword(
  { table, pool }: { readonly table: Table; readonly pool: UserPool },
  { tenant, id, generation }: EmployeeItem & { readonly generation: string },
  audit: Omit<AuditRecord, 'at' | 'outcome'>,
): Promise<void> {
  const user = cognitoUserName({ tenant, employeeId: id, generation });
  await replacePassword(pool, user, randomBytes(RANDOM_BYTES).toString('base64url'));
  const notice = newReset({ tenant, employeeId: id, requestedBy: 'admin' }, systemClock());
  await transact(table, [{ put: { ...notice, state: 'used' }, when: NOT_EXISTS }]);
  for (let round = 1; round <= ROUNDS; round += 1) {
    const employee = await readEmployee(table, tenant, id);
    if (employee === undefined) return;
    const at = systemClock();
    const [conflict] = await endTokens(table, employee, epochSeconds(at), {
      ...audit,
      at,
      outcome: 'failed',
      reason: 'changed_meanwhile',
    });
    if (conflict === undefined) return;
  }
  throw new StoreBusyError('The tokens of a refused password could not be ended');
}
