import { html } from '../../shared/html.ts';
import type { Form } from '../../shared/http/forms.ts';
import {
  document,
  field,
  firstField,
  formToken,
  gatewayHref,
  problem,
} from '../../shared/screens/page-layout.ts';

/** Asks for the account to mail a link to. */
export function resetPage(page: {
  readonly form: Form;
  readonly company: string;
  readonly userName?: string;
  readonly message?: string;
  readonly errors?: Readonly<Partial<Record<'company' | 'userName', string>>>;
}): string {
  const { company, userName = '', message, errors = {} } = page;
  const failed = message !== undefined || Object.keys(errors).length > 0;
  const focus = firstField(errors, failed ? undefined : company === '' ? 'company' : 'userName');
  return document({
    title: 'Reset password',
    failed,
    body: html`${message !== undefined && problem(message)}
<p>We mail a link to the address of the account. With it you create a new password.</p>
<form method="post" action="/password/reset" novalidate>
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
<button type="submit">Reset password</button>
</form>
<p><a href="${gatewayHref(company)}">Back to sign in</a></p>`,
  });
}

/** The same whether the account exists or not (S1), and without a word of what was typed. */
export function resetAskedPage(message: string): string {
  return document({
    title: 'Look into your mailbox',
    body: html`<p class="notice good" role="status">${message}</p>
<p>Nothing arrived? Look into the spam folder, check the company and the user name, or ask an admin of your
company to choose <em>Reset and send instructions</em>.</p>
<p><a href="/">Back to sign in</a></p>`,
  });
}
