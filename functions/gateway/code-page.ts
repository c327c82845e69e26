import { html } from '../../shared/html.ts';
import type { Form } from '../../shared/http/forms.ts';
import { document, field, formToken, gatewayHref, problem } from '../../shared/screens/page-layout.ts';

type Page = { readonly form: Form; readonly message?: string; readonly error?: string };

/** The second step: the code of the app. */
export function codePage({ form, message, error }: Page): string {
  return document({
    title: 'Enter your code',
    failed: message !== undefined || error !== undefined,
    body: html`${message !== undefined && problem(message)}
<p>Your password is right. Open your authenticator app for the code.</p>
<form method="post" action="/sign-in/code" novalidate>
${formToken(form.token)}
${field({
  name: 'code',
  label: 'Code from the app',
  hint: 'Six digits',
  autocomplete: 'one-time-code',
  digits: true,
  error,
  autofocus: true,
})}
<button type="submit">Sign in</button>
</form>
<p><a href="/sign-in/recovery">I have lost my phone: use a recovery code</a></p>
<p><a href="/">Back to sign in</a></p>`,
  });
}

/** For those who lost their phone. */
export function recoveryPage({ form, message, error }: Page): string {
  return document({
    title: 'Use a recovery code',
    failed: message !== undefined || error !== undefined,
    body: html`${message !== undefined && problem(message)}
<p>A recovery code works once. It switches your second factor off, and you set up a new one right away.</p>
<form method="post" action="/sign-in/recovery" novalidate>
${formToken(form.token)}
${field({
  name: 'recoveryCode',
  label: 'Recovery code',
  hint: 'Sixteen letters and digits, such as ABCD-EFGH-2345-WXYZ',
  autocomplete: 'off',
  error,
  autofocus: true,
})}
<button type="submit">Use this code</button>
</form>
<p>No code left? An admin of your company can reset the second factor.</p>
<p><a href="/sign-in/code">I have the app after all</a></p>`,
  });
}

/** A step of signing in that cannot go on. */
export function brokenOffPage(message: string, company = ''): string {
  return document({
    title: 'Sign in again',
    failed: true,
    body: html`${problem(message)}
<p><a href="${gatewayHref(company)}">Sign in</a></p>`,
  });
}
