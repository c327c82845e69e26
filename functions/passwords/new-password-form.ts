import { systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/http/call.ts';
import { isOurForm, openForm } from '../../shared/http/forms.ts';
import { acceptPasswordFor, accountOf, minimumLengthFor } from '../../shared/identity/account-passwords.ts';
import { newPasswordForm } from '../../shared/routes/passwords.ts';
import type { LinkRefusal } from '../../shared/rules/passwords.ts';
import { isApiEmployee } from '../../shared/rules/user-types.ts';
import { emptyFields, show, showIncomplete, showRefusal } from '../../shared/screens/screens.ts';
import type { Deps } from './deps.ts';
import { followLink, forgetLink, type GoodLink } from './links.ts';
import { badLinkPage, newPasswordPage, openAgainPage, passwordSetPage } from './new-password-page.ts';
import { redeem } from './redeem.ts';

/** The only step that redeems a link. */
export const newPasswordFormEndpoint = (deps: Deps) =>
  endpoint(newPasswordForm, async (call) => {
    const { password, confirmation, formToken } = call.body;
    const followed = await followLink(deps.table, call.cookies, call.now);
    if (!followed.ok) return badLink(followed.refusal, followed.tenant);
    // The cookie holds the link that was opened last, in whichever tab: this form's password goes to its own account
    // or to none. A form for the other link would be taken for this one, so none is shown.
    if (!isOurForm(call, formToken, deps.publicUrl, followed.value.reset.id)) {
      return showRefusal({ reason: 'form_of_another_link' }, openAgainPage);
    }
    const form = openForm(call, followed.value.reset.id);
    const account = accountOf(followed.value);
    const page = { form, account, minimumLength: minimumLengthFor(followed.value) };
    const empty = emptyFields(
      { password, confirmation },
      { password: 'Enter a password.', confirmation: 'Enter the same password once more.' },
    );
    if (empty) return showIncomplete(newPasswordPage({ ...page, errors: empty }), form.setCookies);
    const beside = (name: 'password' | 'confirmation') => (message: string) =>
      newPasswordPage({ ...page, errors: { [name]: message } });
    const accepted = acceptPasswordFor(followed.value, password);
    if (!accepted.ok) return showRefusal(accepted.refusal, beside('password'));
    if (password !== confirmation) return showRefusal({ reason: 'passwords_differ' }, beside('confirmation'));
    const redeemed = await redeem(deps, followed.value, accepted.value, call);
    if (redeemed.ok) return done(followed.value, deps.publicUrl);
    if (redeemed.refusal.reason === 'invalid_fields') {
      return showRefusal(redeemed.refusal, () => beside('password')(UNUSABLE));
    }
    // Somebody was faster: what became of the link meanwhile is what to tell.
    const since = await followLink(deps.table, call.cookies, systemClock());
    return since.ok
      ? badLink(redeemed.refusal, followed.value.tenant.tenant)
      : badLink(since.refusal, since.tenant);
  });

function done(link: GoodLink, publicUrl: string) {
  const api = isApiEmployee(link.employee.userType);
  const page = { account: accountOf(link), tenant: link.tenant.tenant, api, publicUrl };
  return show(passwordSetPage(page), { setCookies: [forgetLink()] });
}

const UNUSABLE = 'This password cannot be used. Pick another one.';

function badLink(refusal: LinkRefusal, tenant = '') {
  return showRefusal(refusal, (message) => badLinkPage(message, tenant));
}
