import { html } from '../../shared/html.ts';
import type { Form } from '../../shared/http/forms.ts';
import {
  document,
  field,
  firstField,
  formToken,
  gatewayHref,
  problem,
  resetHref,
} from '../../shared/screens/page-layout.ts';

type FieldErrors = Readonly<Partial<Record<'company' | 'userName' | 'password', string>>>;

/**
 * The gateway. One form with two buttons: *Reset password* sends the same company and user name to the reset (M3).
 * `novalidate`: the server answers an empty field beside the field, in words, in every browser.
 */
export function gatewayPage(page: {
  readonly form: Form;
  readonly company: string;
  readonly userName?: string;
  readonly message?: string;
  readonly errors?: FieldErrors;
}): string {
  const { company, userName = '', message, errors = {} } = page;
  const failed = message !== undefined || Object.keys(errors).length > 0;
  const focus = firstField(errors, failed ? undefined : company === '' ? 'company' : 'userName');
  return document({
    title: 'Sign in',
    failed,
    body: html`${message !== undefined && problem(message)}
<form method="post" action="/" novalidate>
${formToken(page.form.token)}
${field({
  name: 'company',
  label: 'Company',
  value: company,
  autocomplete: 'organization',
  error: errors.company,
  autofocus: focus === 'company',
})}
${field({
  name: 'userName',
  label: 'User name',
  value: userName,
  autocomplete: 'username',
  error: errors.userName,
  autofocus: focus === 'userName',
})}
${field({
  name: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'current-password',
  error: errors.password,
  autofocus: focus === 'password',
})}
<button type="submit">Sign in</button>
<button type="submit" class="second" formaction="/password/reset">Reset password</button>
</form>
<p class="hint">To reset the password, enter the company and the user name only. A link arrives by mail.</p>`,
  });
}

/** M7: an API Employee, after its right password. */
export function noUiAccessPage(page: {
  readonly form: Form;
  readonly company: string;
  readonly userName: string;
  readonly message: string;
}): string {
  return document({
    title: 'No access to the user interface',
    failed: true,
    body: html`${problem(page.message)}
<form method="post" action="/password/reset">
${formToken(page.form.token)}
<input type="hidden" name="company" value="${page.company}">
<input type="hidden" name="userName" value="${page.userName}">
<button type="submit">Reset password</button>
</form>
<p>Software signs in with this account at <code>POST /oauth2/token</code>.</p>`,
  });
}

/** The person removed the second factor, and was signed out. */
export function factorGonePage(company: string): string {
  return document({
    title: 'The second factor was removed',
    body: html`<p class="notice good" role="status">The second factor is off, and you are signed out everywhere.</p>
<p><a href="${gatewayHref(company)}">Sign in again, or set up another</a></p>`,
  });
}

/** A right password that opens nothing, and the reason. */
export function turnedAwayPage(company: string, message: string): string {
  return document({
    title: 'Sign in',
    failed: true,
    body: html`${problem(message)}
<p><a href="${resetHref(company)}">Reset password</a></p>`,
  });
}
