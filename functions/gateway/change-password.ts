import { isAwsError } from '../../shared/aws/json-client.ts';
import { epochSeconds, systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/http/call.ts';
import { isOurForm, openForm } from '../../shared/http/forms.ts';
import { sessionCookie } from '../../shared/http/session.ts';
import { acceptPasswordFor, minimumLengthFor } from '../../shared/identity/account-passwords.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { waitPast } from '../../shared/identity/sign-in.ts';
import { replacePassword } from '../../shared/identity/user-pool.ts';
import { voidPassword } from '../../shared/identity/void-password.ts';
import { changePasswordForm } from '../../shared/routes/gateway.ts';
import { normalisePassword } from '../../shared/rules/passwords.ts';
import { emptyFields, show, showIncomplete, showRefusal } from '../../shared/screens/screens.ts';
import { commitPasswordByHand } from '../../shared/store/new-passwords.ts';
import type { SessionItem } from '../../shared/store/sessions.ts';
import { newSession, sessionPut } from '../../shared/store/sessions.ts';
import { changePasswordPage, type PasswordErrors } from './account-pages.ts';
import { confirmPassword } from './confirm-password.ts';
import type { At, Deps } from './deps.ts';

const DONE = 'Your password was changed. Every other session and every token has ended.';
const UNUSABLE = 'This password cannot be used. Pick another one.';

export const changePasswordEndpoint = (deps: Deps) =>
  endpoint(changePasswordForm, async (call) => {
    const { actor, body } = call;
    const form = openForm(call);
    const page = { form, actor, minimumLength: minimumLengthFor(actor) };
    const beside = (name: keyof PasswordErrors) => (text: string) =>
      changePasswordPage({ ...page, errors: { [name]: text } });
    const again = (message: string) => changePasswordPage({ ...page, message });
    if (!isOurForm(call, body.formToken, deps.publicUrl)) {
      return showRefusal({ reason: 'form_not_ours' }, again, form.setCookies);
    }
    const errors = emptyFields(body, {
      current: 'Enter your current password.',
      password: 'Enter a new password.',
      confirmation: 'Enter the new password once more.',
    });
    if (errors) return showIncomplete(changePasswordPage({ ...page, errors }), form.setCookies);
    const accepted = acceptPasswordFor(actor, body.password);
    if (!accepted.ok) return showRefusal(accepted.refusal, beside('password'));
    if (body.password !== body.confirmation) {
      return showRefusal({ reason: 'passwords_differ' }, beside('confirmation'));
    }
    const confirmed = await confirmPassword(
      deps,
      actor.employee,
      { password: body.current },
      call,
      'password.change',
    );
    if (!confirmed.ok) {
      return confirmed.refusal.reason === 'throttled'
        ? showRefusal(confirmed.refusal, again)
        : showRefusal(confirmed.refusal, () => beside('current')('The current password is wrong.'));
    }
    if (accepted.value === normalisePassword(body.current)) {
      return showRefusal({ reason: 'password_unchanged' }, beside('password'));
    }
    const changed = await change(deps, actor.session, actor.employee, accepted.value, call);
    if (changed === 'changed_meanwhile') return showRefusal({ reason: changed }, again);
    if (changed === 'unusable') return showIncomplete(beside('password')(UNUSABLE), []);
    const cookies = [sessionCookie(changed.value)];
    return show(changePasswordPage({ ...page, done: DONE }), { setCookies: cookies });
  });

/** Cognito, then the table, then a session that outlives what ended; the same password can be set twice. */
async function change(
  { table, pool }: Deps,
  session: SessionItem,
  employee: Parameters<typeof commitPasswordByHand>[1]['employee'],
  password: string,
  { origin }: At,
): Promise<'changed_meanwhile' | 'unusable' | { readonly value: string }> {
  const { tenant, id } = employee;
  const { generation } = session;
  try {
    await replacePassword(pool, cognitoUserName({ tenant, employeeId: id, generation }), password);
  } catch (error) {
    if (isAwsError(error, 'InvalidPasswordException')) return 'unusable';
    throw error;
  }
  // Read after Cognito has the password: tokens got with the old one up to this second end too (M18).
  const tokensValidAfter = epochSeconds(systemClock());
  await waitPast(tokensValidAfter);
  const fresh = newSession({
    employee,
    generation,
    secondFactorPassed: session.secondFactorPassed,
    signedInAtEpochSeconds: tokensValidAfter + 1,
    origin,
  });
  const at = systemClock();
  const audit = {
    tenant,
    action: 'password.change',
    actor: { kind: 'owner', id },
    origin,
    employeeId: id,
  } as const;
  const done = { ...audit, at, outcome: 'done' } as const;
  const newPassword = { employee, generation, tokensValidAfter, audit: done };
  if (await commitPasswordByHand(table, newPassword, at, sessionPut(fresh.session))) return fresh;
  await voidPassword({ table, pool }, { ...employee, generation }, audit);
  return 'changed_meanwhile';
}
