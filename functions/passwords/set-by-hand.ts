import { isAwsError } from '../../shared/aws/json-client.ts';
import { epochSeconds, systemClock } from '../../shared/clock.ts';
import { type NotStored, notStored } from '../../shared/identity/account-passwords.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { storePassword } from '../../shared/identity/user-pool.ts';
import { voidPassword } from '../../shared/identity/void-password.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import type { AuditRecord } from '../../shared/store/audit.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { commitPasswordByHand, retireCredential } from '../../shared/store/new-passwords.ts';
import type { Deps } from './deps.ts';
import { generationFor } from './redeem.ts';

/** Stores, then commits; a Cognito user that was made for nothing is retired. */
export async function setByHand(
  { table, pool }: Deps,
  employee: EmployeeItem,
  password: string,
  by: Pick<AuditRecord, 'actor' | 'origin'>,
): Promise<Decision<null, NotStored | { readonly reason: 'changed_meanwhile' }>> {
  const { tenant, id } = employee;
  const generation = generationFor(employee);
  const abandon = async () => {
    if (generation !== employee.generation)
      await retireCredential(table, employee, generation, systemClock());
  };
  try {
    await storePassword(pool, cognitoUserName({ tenant, employeeId: id, generation }), password);
  } catch (error) {
    await abandon().catch(() => undefined); // The first error is the one to tell.
    if (isAwsError(error, 'InvalidPasswordException')) return notStored();
    throw error;
  }
  // Read after Cognito has the password: tokens got with the old one up to this second end too (M18).
  const at = systemClock();
  const audit = { ...by, tenant, action: 'password.set-by-admin', employeeId: id } as const;
  const done = { ...audit, at, outcome: 'done' } as const;
  const change = { employee, generation, tokensValidAfter: epochSeconds(at), audit: done };
  if (await commitPasswordByHand(table, change, at)) return granted(null);
  if (generation === employee.generation) {
    await voidPassword({ table, pool }, { ...employee, generation }, audit);
  }
  await abandon();
  return refused({ reason: 'changed_meanwhile' });
}
