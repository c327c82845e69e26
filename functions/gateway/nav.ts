import { type Html, html } from '../../shared/html.ts';
import type { Form } from '../../shared/http/forms.ts';
import { formToken } from '../../shared/screens/page-layout.ts';

const PLACES = {
  account: ['/account', 'Account'],
  password: ['/account/password', 'Password'],
  factor: ['/account/second-factor', 'Second factor'],
  sessions: ['/account/sessions', 'Sessions'],
} as const;

/** The way around the account's pages, and out. */
export function accountNav(here: keyof typeof PLACES, form: Form): Html {
  return html`<nav aria-label="Account">
<ul>
${Object.entries(PLACES).map(
  ([name, [href, label]]) =>
    html`<li><a href="${href}"${name === here && html` aria-current="page"`}>${label}</a></li>`,
)}
<li class="out"><form method="post" action="/sign-out">
${formToken(form.token)}
<button type="submit" class="second">Sign out</button>
</form></li>
</ul>
</nav>`;
}
