import { endpoint, type SessionActor } from '../../shared/http/call.ts';
import { type Form, isOurForm, openForm } from '../../shared/http/forms.ts';
import { sessionCookie } from '../../shared/http/session.ts';
import { enrolConfirm, enrolStart, factorConfirm, factorStart } from '../../shared/routes/gateway.ts';
import { show, showRefusal } from '../../shared/screens/screens.ts';
import { factorOnPage } from './account-pages.ts';
import { followPending, forgetPending } from './begin-session.ts';
import { brokenOffPage } from './code-page.ts';
import type { Deps, Who } from './deps.ts';
import { AT_ACCOUNT, AT_SIGN_IN, keyPage, type Place, recoveryCodesPage, startPage } from './enrol-page.ts';
import { confirmEnrolment, type EnrolRefusal, startEnrolment } from './enrolment.ts';

/** As `beginTotp` gives it; anything else in the form leads back to the start. */
const SECRET = /^[A-Z2-7]{16,128}$/;
const PASSWORD_WRONG = 'The password is wrong.';
const FACTOR_ON = 'The second factor is on. Every other session was ended.';

type Shown = { readonly form: Form; readonly who: Who; readonly place: Place };

export const enrolStartEndpoint = (deps: Deps) =>
  endpoint(enrolStart, async (call) => {
    const followed = await followPending(deps.table, call.cookies, 'enrolment', call.now);
    if (!followed.ok) return showRefusal(followed.refusal, (message) => brokenOffPage(message));
    const page = { form: openForm(call), who: followed.value, place: AT_SIGN_IN };
    if (!isOurForm(call, call.body.formToken, deps.publicUrl)) return notOurs(page);
    const started = await startEnrolment(deps, page.who.employee, call.body.password, call);
    return started.ok ? show(keyPage({ ...page, secret: started.value })) : startAgain(page, started.refusal);
  });

export const enrolConfirmEndpoint = (deps: Deps) =>
  endpoint(enrolConfirm, async (call) => {
    const followed = await followPending(deps.table, call.cookies, 'enrolment', call.now);
    if (!followed.ok) return showRefusal(followed.refusal, (message) => brokenOffPage(message));
    const page = { form: openForm(call), who: followed.value, place: AT_SIGN_IN };
    if (!isOurForm(call, call.body.formToken, deps.publicUrl)) return notOurs(page);
    const { employee, pending } = followed.value;
    const enrolled = await confirmEnrolment(deps, employee, call.body, call, pending);
    if (!enrolled.ok) return confirmAgain(page, call.body.secret, enrolled.refusal);
    const { recoveryCodes: codes, sessionValue } = enrolled.value;
    const setCookies = [sessionCookie(sessionValue), forgetPending()];
    return show(recoveryCodesPage({ form: page.form, codes, done: FACTOR_ON }), { setCookies });
  });

export const factorStartEndpoint = (deps: Deps) =>
  endpoint(factorStart, async (call) => {
    const page = { form: openForm(call), who: call.actor, actor: call.actor, place: AT_ACCOUNT };
    if (!isOurForm(call, call.body.formToken, deps.publicUrl)) return notOurs(page);
    const started = await startEnrolment(deps, call.actor.employee, call.body.password, call);
    return started.ok ? show(keyPage({ ...page, secret: started.value })) : startAgain(page, started.refusal);
  });

export const factorConfirmEndpoint = (deps: Deps) =>
  endpoint(factorConfirm, async (call) => {
    const page = { form: openForm(call), who: call.actor, actor: call.actor, place: AT_ACCOUNT };
    if (!isOurForm(call, call.body.formToken, deps.publicUrl)) return notOurs(page);
    const enrolled = await confirmEnrolment(deps, call.actor.employee, call.body, call);
    if (!enrolled.ok) return confirmAgain(page, call.body.secret, enrolled.refusal);
    const { recoveryCodes: codes, sessionValue } = enrolled.value;
    const setCookies = [sessionCookie(sessionValue)];
    return show(recoveryCodesPage({ form: page.form, codes, done: FACTOR_ON }), { setCookies });
  });

function notOurs(page: Shown) {
  const again = (message: string) => startPage({ ...page, message });
  return showRefusal({ reason: 'form_not_ours' }, again, page.form.setCookies);
}

function startAgain(page: Shown & { readonly actor?: SessionActor }, refusal: EnrolRefusal) {
  if (refusal.reason === 'factor_already_set') {
    const { form, actor } = page;
    return showRefusal(refusal, (message) =>
      actor ? factorOnPage({ form, actor, message }) : brokenOffPage(message, page.who.tenant.tenant),
    );
  }
  return showRefusal(refusal, (message) =>
    refusal.reason === 'credentials_wrong'
      ? startPage({ ...page, error: PASSWORD_WRONG })
      : startPage({ ...page, message }),
  );
}

/** The same key again, unless another one took its place. */
function confirmAgain(
  page: Shown & { readonly actor?: SessionActor },
  secret: string,
  refusal: EnrolRefusal,
) {
  const { reason } = refusal;
  if (!SECRET.test(secret) || reason === 'changed_meanwhile' || reason === 'factor_already_set') {
    return startAgain(page, refusal);
  }
  return showRefusal(refusal, (message) => {
    if (reason === 'credentials_wrong')
      return keyPage({ ...page, secret, errors: { password: PASSWORD_WRONG } });
    if (reason === 'mfa_code_wrong') return keyPage({ ...page, secret, errors: { code: message } });
    return keyPage({ ...page, secret, message });
  });
}
