import { encode } from 'uqr';
import { type Html, html } from '../../shared/html.ts';
import type { Form } from '../../shared/http/forms.ts';
import {
  document,
  field,
  firstField,
  formToken,
  problem,
  userNameField,
} from '../../shared/screens/page-layout.ts';
import type { Who } from './deps.ts';
import { accountNav } from './nav.ts';

/** The same pages before the first session, and from the account. */
export type Place = { readonly start: string; readonly confirm: string; readonly signedIn: boolean };

export const AT_SIGN_IN: Place = {
  start: '/sign-in/second-factor/start',
  confirm: '/sign-in/second-factor',
  signedIn: false,
};
export const AT_ACCOUNT: Place = {
  start: '/account/second-factor/start',
  confirm: '/account/second-factor',
  signedIn: true,
};

type Base = { readonly form: Form; readonly who: Labels; readonly place: Place; readonly message?: string };
type Errors = Readonly<Partial<Record<'password' | 'code', string>>>;

/** Asks for the password before a key is shown. */
export function startPage(page: Base & { readonly error?: string | undefined }): string {
  const { form, who, place, message, error } = page;
  return document({
    title: 'Set up a second factor',
    failed: message !== undefined || error !== undefined,
    ...(place.signedIn ? { nav: accountNav('factor', form) } : {}),
    body: html`${message !== undefined && problem(message)}
<p>For <strong>${who.employee.userName}</strong> at ${who.tenant.company}. With a second factor, signing in takes
your password and a code from an authenticator app on your phone.</p>
<form method="post" action="${place.start}" novalidate>
${formToken(form.token)}
${userNameField(who.employee.userName)}
${field({
  name: 'password',
  label: 'Password',
  type: 'password',
  hint: 'Once more, to be sure that it is you',
  autocomplete: 'current-password',
  error,
  autofocus: error !== undefined,
})}
<button type="submit">Show the key</button>
</form>
${wayBack(place)}`,
  });
}

/** Shows the key as a picture and as text, and asks for the app's first code. */
export function keyPage(page: Base & { readonly secret: string; readonly errors?: Errors }): string {
  const { form, who, place, secret, message, errors = {} } = page;
  const focus = firstField(errors, undefined);
  return document({
    title: 'Set up your authenticator app',
    failed: message !== undefined || focus !== undefined,
    ...(place.signedIn ? { nav: accountNav('factor', form) } : {}),
    body: html`${message !== undefined && problem(message)}
${!place.signedIn && html`<p>Before you go on, a second factor is to be set up for this account.</p>`}
<ol>
<li>Open an authenticator app on your phone and add an account.</li>
<li>Scan this picture with it, or type the key below.</li>
<li>Enter your password and the code that the app shows.</li>
</ol>
${qrCode(otpAuthUri(who, secret))}
<p>Key, where the picture cannot be scanned:</p>
<p><code>${grouped(secret)}</code></p>
<form method="post" action="${place.confirm}" novalidate>
${formToken(form.token)}
<input type="hidden" name="secret" value="${secret}">
${userNameField(who.employee.userName)}
${field({
  name: 'password',
  label: 'Password',
  type: 'password',
  autocomplete: 'current-password',
  error: errors.password,
  autofocus: focus === 'password',
})}
${field({
  name: 'code',
  label: 'Code from the app',
  hint: 'Six digits',
  autocomplete: 'one-time-code',
  digits: true,
  error: errors.code,
  autofocus: focus === 'code',
})}
<button type="submit">Switch on the second factor</button>
</form>
${wayBack(place)}`,
  });
}

/** Without a session there is no navigation to leave by. */
const wayBack = ({ signedIn }: Place) => !signedIn && html`<p><a href="/">Back to sign in</a></p>`;

/** The only time that the recovery codes are shown. */
export function recoveryCodesPage(page: {
  readonly form: Form;
  readonly codes: readonly string[];
  readonly done: string;
}): string {
  return document({
    title: 'Keep your recovery codes',
    nav: accountNav('factor', page.form),
    body: html`<p class="notice good" role="status">${page.done}</p>
<p>If you lose your phone, one of these codes lets you set up a new one. Each works once. They are shown only
now: print them, or keep them in a password manager.</p>
<ul class="codes">${page.codes.map((code) => html`<li><code>${code}</code></li>`)}</ul>
<p><a href="/account">I have kept them: go to my account</a></p>`,
  });
}

type Labels = {
  readonly tenant: Pick<Who['tenant'], 'company'>;
  readonly employee: Pick<Who['employee'], 'userName'>;
};

/** The key-URI that authenticator apps read. SHA-1, six digits and 30 seconds are their defaults, and Cognito's. */
export function otpAuthUri({ tenant, employee }: Labels, secret: string): string {
  const issuer = encodeURIComponent(tenant.company);
  return `otpauth://totp/${issuer}:${encodeURIComponent(employee.userName)}?secret=${secret}&issuer=${issuer}`;
}

/** Dark modules on a light ground in dark mode too: scanners need it so. The quiet zone is four modules wide. */
function qrCode(text: string): Html {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="QR code with the key for the authenticator app" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#ffffff"/><path d="${path}" fill="#000000"/></svg>`;
}

function grouped(secret: string): string {
  return (secret.match(/.{1,4}/g) ?? []).join(' ');
}
