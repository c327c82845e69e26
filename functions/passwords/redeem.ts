import { isAwsError } from '../../shared/aws/json-client.ts';
import { epochSeconds, systemClock } from '../../shared/clock.ts';
import { type NotStored, notStored } from '../../shared/identity/account-passwords.ts';
import { cognitoUserName, newGeneration } from '../../shared/identity/cognito-user.ts';
import { storePassword } from '../../shared/identity/user-pool.ts';
import { voidPassword } from '../../shared/identity/void-password.ts';
import { newId } from '../../shared/ids.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import type { LinkRefusal } from '../../shared/rules/passwords.ts';
import { isApiEmployee } from '../../shared/rules/user-types.ts';
import type { Origin } from '../../shared/store/audit.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { claimReset, commitReset, releaseClaim } from '../../shared/store/new-passwords.ts';
import type { Deps } from './deps.ts';
import type { GoodLink } from './links.ts';

/** Claim, store, commit: of any number of redemptions at once exactly one passes (R1). */
export async function redeem(
  { table, pool }: Deps,
  { reset, employee }: GoodLink,
  password: string,
  at: { readonly origin: Origin; readonly now: Date },
): Promise<Decision<null, LinkRefusal | NotStored>> {
  const claim = { attempt: newId(), generation: generationFor(employee) };
  if (!(await claimReset(table, reset, claim, at.now))) return refused({ reason: 'link_in_use' });
  const release = () => releaseClaim(table, reset, claim, employee, at.now);
  // If the claim cannot be given back either, its lease ends by itself; the first error is the one to tell. Where the
  // commit had its effect after all, its condition keeps the claim from being given back.
  const releaseAndThrow = async (error: unknown): Promise<never> => {
    await release().catch(() => undefined);
    throw error;
  };
  const { tenant, id } = employee;
  try {
    await storePassword(
      pool,
      cognitoUserName({ tenant, employeeId: id, generation: claim.generation }),
      password,
    );
  } catch (error) {
    if (!isAwsError(error, 'InvalidPasswordException')) return releaseAndThrow(error);
    await release().catch(() => undefined);
    return notStored();
  }
  // Read anew: tokens got with the old password up to this second must end too (M18).
  const setAt = systemClock();
  const audit = {
    tenant,
    action: 'password.set',
    actor: { kind: 'owner', id },
    origin: at.origin,
    employeeId: id,
    details: { resetId: reset.id },
  } as const;
  const committed = await commitReset(
    table,
    reset,
    claim,
    {
      employee,
      generation: claim.generation,
      tokensValidAfter: isApiEmployee(employee.userType) ? employee.tokensValidAfter : epochSeconds(setAt),
      audit: { ...audit, at: setAt, outcome: 'done' },
    },
    setAt,
  ).catch(releaseAndThrow);
  if (committed) return granted(null);
  if (employee.generation === claim.generation) {
    await voidPassword({ table, pool }, { ...employee, generation: claim.generation }, audit);
  }
  await release();
  return refused({ reason: 'link_in_use' });
}

/** API Employees: one password, one Cognito user. People keep theirs, for their second factor. */
export function generationFor(employee: EmployeeItem): string {
  return isApiEmployee(employee.userType) || employee.generation === undefined
    ? newGeneration(employee.userType)
    : employee.generation;
}
