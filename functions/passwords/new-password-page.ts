import { type Html, html } from '../../shared/html.ts';
import type { Form } from '../../shared/http/forms.ts';
import { PASSWORD_MAX_LENGTH } from '../../shared/rules/passwords.ts';
import {
  document,
  field,
  firstField,
  formToken,
  gatewayHref,
  problem,
  resetHref,
  userNameField,
} from '../../shared/screens/page-layout.ts';

type Account = { readonly userName: string; readonly company: string };

/** Creates the password. */
export function newPasswordPage(page: {
  readonly form: Form;
  readonly account: Account;
  readonly minimumLength: number;
  readonly errors?: Readonly<Partial<Record<'password' | 'confirmation', string>>>;
}): string {
  const { account, errors = {} } = page;
  const focus = firstField(errors, undefined);
  return document({
    title: 'Create your password',
    failed: Object.keys(errors).length > 0,
    body: html`<p>For <strong>${account.userName}</strong> at ${account.company}.</p>
${passwordRules(page.minimumLength)}
<form method="post" action="/password/new" novalidate>
${formToken(page.form.token)}
${userNameField(account.userName)}
${field({
  name: 'password',
  label: 'New password',
  type: 'password',
  hint: `At least ${page.minimumLength} characters`,
  autocomplete: 'new-password',
  error: errors.password,
  autofocus: focus === 'password',
})}
${field({
  name: 'confirmation',
  label: 'New password, once more',
  type: 'password',
  autocomplete: 'new-password',
  error: errors.confirmation,
  autofocus: focus === 'confirmation',
})}
<button type="submit">Save password</button>
</form>`,
  });
}

/** S8, told before anything is typed. */
function passwordRules(minimumLength: number): Html {
  return html`<ul>
<li>${minimumLength} to ${PASSWORD_MAX_LENGTH} characters of any kind and script; four or five random words do well.</li>
<li>No space at the start or the end.</li>
<li>Not the name of the user or the company, and no password that everybody guesses first.</li>
</ul>`;
}

/** Why the link opens nothing, and the way to another. */
export function badLinkPage(message: string, company: string): string {
  return document({
    title: 'This link cannot be used',
    failed: true,
    body: html`${problem(message)}
<p><a href="${resetHref(company)}">Ask for a new link</a></p>`,
  });
}

/** The link may be as good as ever: it is the form that was not taken. */
export function openAgainPage(message: string): string {
  return document({ title: 'Open the link again', failed: true, body: html`${problem(message)}` });
}

/** Nobody is signed in (S3). */
export function passwordSetPage(page: {
  readonly account: Account;
  readonly tenant: string;
  readonly api: boolean;
  readonly publicUrl: string;
}): string {
  return document({
    title: 'Your password is set',
    body: html`<p class="notice good" role="status"><strong>${page.account.userName}</strong> at
${page.account.company} signs in with it from now on. The link in the mail is used up.</p>
${page.api ? howToFetchToken(page) : html`<p><a href="${gatewayHref(page.tenant)}">Go to sign in</a></p>`}`,
  });
}

function howToFetchToken(page: Parameters<typeof passwordSetPage>[0]): Html {
  const basicUser = `${page.tenant}\\${page.account.userName}`;
  return html`<p>Software fetches a token with it by HTTP Basic. The user name is
<code>${basicUser}</code>, the password is the new one. To try it (curl asks for the password):</p>
<pre tabindex="0" role="group" aria-label="Example"><code>curl -u ${shellQuoted(basicUser)} \\
-d grant_type=client_credentials \\
${page.publicUrl}/oauth2/token</code></pre>`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
