import { endpoint } from '../../shared/http/call.ts';
import { isOurForm, openForm } from '../../shared/http/forms.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { answerCode } from '../../shared/identity/second-factor.ts';
import { codeForm } from '../../shared/routes/gateway.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { foldName } from '../../shared/rules/names.ts';
import { parseCode } from '../../shared/rules/second-factor.ts';
import { showRefusal } from '../../shared/screens/screens.ts';
import { handBack, releaseItems, reserveAttempt, returnReservation } from '../../shared/store/attempts.ts';
import { auditItem } from '../../shared/store/audit.ts';
import { lastUse } from '../../shared/store/last-use.ts';
import type { PendingSignInItem } from '../../shared/store/sessions.ts';
import { batchWrite } from '../../shared/store/table.ts';
import { countThrottled } from '../../shared/store/throttled.ts';
import { beginSession, followPending } from './begin-session.ts';
import { brokenOffPage, codePage } from './code-page.ts';
import type { At, Deps, Who } from './deps.ts';

type Pending = Who & { readonly pending: PendingSignInItem };

export const codeFormEndpoint = (deps: Deps) =>
  endpoint(codeForm, async (call) => {
    const form = openForm(call);
    if (!isOurForm(call, call.body.formToken, deps.publicUrl)) {
      const again = (message: string) => codePage({ form, message });
      return showRefusal({ reason: 'form_not_ours' }, again, form.setCookies);
    }
    const followed = await followPending(deps.table, call.cookies, 'code', call.now);
    if (!followed.ok) return showRefusal(followed.refusal, (message) => brokenOffPage(message));
    const proved = await proveCode(deps, followed.value, call.body.code, call);
    if (!proved.ok) {
      const { refusal } = proved;
      return refusal.reason === 'sign_in_expired'
        ? showRefusal(refusal, (message) => brokenOffPage(message, followed.value.tenant.tenant))
        : showRefusal(refusal, (error) => codePage({ form, error }));
    }
    const { employee, pending } = followed.value;
    const session = await beginSession(
      deps,
      {
        employee,
        generation: pending.generation,
        secondFactorPassed: true,
        newNetwork: pending.newNetwork,
        // The password's time: a revocation between the two steps ends this session too (M18).
        signedInAtEpochSeconds: pending.startedAt,
        pending,
      },
      call,
    );
    return session.ok
      ? granted({ page: { status: 303, location: '/account', setCookies: session.value } })
      : showRefusal(session.refusal, (message) => brokenOffPage(message));
  });

/** One guess of the account's budget (S5); Cognito counts a wrong code as a failed sign-in, too. */
async function proveCode(
  { table, pool }: Deps,
  { employee, pending }: Pending,
  typed: string,
  { origin, now }: At,
): Promise<
  Decision<
    null,
    | { readonly reason: 'throttled'; readonly retryAfterSeconds: number }
    | { readonly reason: 'mfa_code_wrong' }
    | { readonly reason: 'sign_in_expired' }
  >
> {
  const { tenant, id: employeeId } = employee;
  const { generation, cognitoSession } = pending;
  const code = parseCode(typed);
  if (code === undefined) return refused({ reason: 'mfa_code_wrong' });
  if (cognitoSession === undefined) return refused({ reason: 'sign_in_expired' });
  const told = (outcome: 'done' | 'refused', reason?: string) =>
    ({
      tenant,
      at: now,
      action: 'gateway.sign-in',
      outcome,
      ...(reason === undefined ? {} : { reason }),
      actor: { kind: 'owner', id: employeeId },
      origin,
      employeeId,
      details: { step: 'code' },
    }) as const;
  const account = { tenant, folded: foldName(employee.userName), network: origin.network };
  const reservation = await reserveAttempt(table, account, now);
  if (!reservation.ok) {
    const record = told('refused', reservation.refusal.reason);
    await countThrottled(table, record, origin.network, employee.createdOn);
    return reservation;
  }
  const userName = cognitoUserName({ tenant, employeeId, generation });
  const orHandBack = handBack(table, reservation.value);
  const { outcome } = await answerCode(pool, 'gateway', { userName, cognitoSession }, code).catch(orHandBack);
  if (outcome === 'right') {
    const release = releaseItems(reservation.value, now);
    await batchWrite(
      table,
      [auditItem(told('done')), lastUse({ tenant, employeeId }, 'gateway.sign-in', now), ...release.puts],
      release.deletes,
    ).catch(orHandBack);
    return granted(null);
  }
  const reason = outcome === 'wrong' ? 'mfa_code_wrong' : 'sign_in_expired';
  if (reason === 'sign_in_expired') await returnReservation(table, reservation.value);
  await batchWrite(table, [auditItem(told('refused', reason))]);
  return refused({ reason });
}
