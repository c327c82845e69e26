import { isAwsError } from '../../shared/aws/json-client.ts';
import { epochSeconds, systemClock } from '../../shared/clock.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { beginTotp, switchTotp, verifyTotp } from '../../shared/identity/second-factor.ts';
import { waitPast } from '../../shared/identity/sign-in.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { parseCode } from '../../shared/rules/second-factor.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { commitFactor } from '../../shared/store/second-factors.ts';
import type { PendingSignInItem } from '../../shared/store/sessions.ts';
import { newSession } from '../../shared/store/sessions.ts';
import { type ConfirmRefusal, confirmPassword } from './confirm-password.ts';
import type { At, Deps } from './deps.ts';
import { hashOf, newRecoveryCodes } from './recovery-codes.ts';

export type EnrolRefusal =
  | ConfirmRefusal
  | { readonly reason: 'factor_already_set' }
  | { readonly reason: 'changed_meanwhile' };

/**
 * A new secret for the authenticator app. Only where Cognito asked for no code: a new secret takes the old one's
 * place at once, verified or not.
 */
export async function startEnrolment(
  deps: Deps,
  employee: EmployeeItem,
  password: string,
  at: At,
): Promise<Decision<string, EnrolRefusal>> {
  const confirmed = await confirmPassword(deps, employee, { password }, at, 'factor.add');
  if (!confirmed.ok) return confirmed;
  const { tokens } = confirmed.value;
  return tokens === undefined
    ? refused({ reason: 'factor_already_set' })
    : granted(await beginTotp(deps.pool, tokens.accessToken));
}

/** The factor is on, and the person is signed in by a session of its own. */
export type Enrolled = { readonly recoveryCodes: readonly string[]; readonly sessionValue: string };

/**
 * Password and code, then Cognito, then the table. A crash between the last two leaves an account that asks for
 * its code and has no recovery codes: closed, not open, and the admin's reset mends it.
 */
export async function confirmEnrolment(
  { table, pool }: Deps,
  employee: EmployeeItem,
  typed: { readonly password: string; readonly code: string },
  at: At,
  pending?: PendingSignInItem,
): Promise<Decision<Enrolled, EnrolRefusal>> {
  const { tenant, id, generation } = employee;
  const code = parseCode(typed.code);
  if (code === undefined || generation === undefined) return refused({ reason: 'mfa_code_wrong' });
  const confirmed = await confirmPassword({ table, pool }, employee, typed, at, 'factor.add');
  if (!confirmed.ok) return confirmed;
  const { tokens } = confirmed.value;
  if (tokens === undefined) return refused({ reason: 'factor_already_set' });
  if (!(await verifyTotp(pool, tokens.accessToken, code))) return refused({ reason: 'mfa_code_wrong' });
  if (!(await switchedOn({ pool }, cognitoUserName({ tenant, employeeId: id, generation })))) {
    return refused({ reason: 'changed_meanwhile' });
  }
  // Read after Cognito asks for the code: whatever was got without one up to this second ends (M18).
  const tokensValidAfter = epochSeconds(systemClock());
  // The new session begins in the next second, so that any revocation from then on ends it.
  await waitPast(tokensValidAfter);
  const setAt = systemClock();
  const recoveryCodes = newRecoveryCodes();
  const { value: sessionValue, session } = newSession({
    employee,
    generation,
    secondFactorPassed: true,
    signedInAtEpochSeconds: tokensValidAfter + 1,
    origin: at.origin,
  });
  const committed = await commitFactor(table, {
    employee,
    codeHashes: recoveryCodes.map((recoveryCode) => hashOf(employee, recoveryCode)),
    tokensValidAfter,
    session,
    pending,
    audit: {
      tenant,
      at: setAt,
      action: 'factor.add',
      outcome: 'done',
      actor: { kind: 'owner', id },
      origin: at.origin,
      employeeId: id,
    },
  });
  return committed ? granted({ recoveryCodes, sessionValue }) : refused({ reason: 'changed_meanwhile' });
}

/** False where another enrolment began since, and put its own secret in the place of the one just verified. */
async function switchedOn({ pool }: Pick<Deps, 'pool'>, userName: string): Promise<boolean> {
  try {
    await switchTotp(pool, userName, true);
    return true;
  } catch (error) {
    if (isAwsError(error, 'InvalidParameterException')) return false;
    throw error;
  }
}
