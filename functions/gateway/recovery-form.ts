import { epochSeconds, systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/http/call.ts';
import { isOurForm, openForm } from '../../shared/http/forms.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { switchTotp } from '../../shared/identity/second-factor.ts';
import { waitPast } from '../../shared/identity/sign-in.ts';
import { recoveryForm } from '../../shared/routes/gateway.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { foldName } from '../../shared/rules/names.ts';
import { showRefusal } from '../../shared/screens/screens.ts';
import { handBack, reserveAttempt, returnReservation } from '../../shared/store/attempts.ts';
import { type AuditRecord, auditItem } from '../../shared/store/audit.ts';
import { spendRecoveryCode } from '../../shared/store/second-factors.ts';
import type { PendingSignInItem } from '../../shared/store/sessions.ts';
import { putItem } from '../../shared/store/table.ts';
import { countThrottled } from '../../shared/store/throttled.ts';
import { followPending } from './begin-session.ts';
import { brokenOffPage, recoveryPage } from './code-page.ts';
import type { At, Deps, Who } from './deps.ts';
import { hashOf } from './recovery-codes.ts';

export const recoveryFormEndpoint = (deps: Deps) =>
  endpoint(recoveryForm, async (call) => {
    const form = openForm(call);
    if (!isOurForm(call, call.body.formToken, deps.publicUrl)) {
      const again = (message: string) => recoveryPage({ form, message });
      return showRefusal({ reason: 'form_not_ours' }, again, form.setCookies);
    }
    const followed = await followPending(deps.table, call.cookies, 'code', call.now);
    if (!followed.ok) return showRefusal(followed.refusal, (message) => brokenOffPage(message));
    const spent = await spend(deps, followed.value, call.body.recoveryCode, call);
    if (spent.ok) return granted({ page: { status: 303, location: '/sign-in/second-factor' } });
    return spent.refusal.reason === 'sign_in_expired'
      ? showRefusal(spent.refusal, (message) => brokenOffPage(message))
      : showRefusal(spent.refusal, (error) => recoveryPage({ form, error }));
  });

/** Reached only with the right password; each try is a guess of the account's budget all the same (S5). */
async function spend(
  { table, pool }: Deps,
  { employee, pending }: Who & { readonly pending: PendingSignInItem },
  typed: string,
  { origin, now }: At,
): Promise<
  Decision<
    null,
    | { readonly reason: 'throttled'; readonly retryAfterSeconds: number }
    | { readonly reason: 'recovery_code_wrong' }
    | { readonly reason: 'sign_in_expired' }
  >
> {
  const { tenant, id: employeeId } = employee;
  const audit: AuditRecord = {
    tenant,
    at: now,
    action: 'factor.recovery',
    outcome: 'done',
    actor: { kind: 'owner', id: employeeId },
    origin,
    employeeId,
  };
  const account = { tenant, folded: foldName(employee.userName), network: origin.network };
  const reservation = await reserveAttempt(table, account, now);
  if (!reservation.ok) {
    const record = { ...audit, outcome: 'refused', reason: reservation.refusal.reason } as const;
    await countThrottled(table, record, origin.network, employee.createdOn);
    return reservation;
  }
  const hash = hashOf(employee, typed);
  // This sign-in goes on from the next second, so that any revocation from then on ends it (M18).
  const tokensValidAfter = epochSeconds(systemClock());
  await waitPast(tokensValidAfter);
  const outcome = await spendRecoveryCode(table, employee, hash, pending, tokensValidAfter, audit).catch(
    handBack(table, reservation.value),
  );
  if (outcome !== 'spent') {
    const reason = outcome === 'wrong' ? 'recovery_code_wrong' : 'sign_in_expired';
    await putItem(table, auditItem({ ...audit, outcome: 'refused', reason }));
    return refused({ reason });
  }
  await returnReservation(table, reservation.value);
  await switchTotp(pool, cognitoUserName({ tenant, employeeId, generation: pending.generation }), false);
  return granted(null);
}
