import { type Html, html } from '../../shared/html.ts';
import type { SessionActor } from '../../shared/http/call.ts';
import type { Form } from '../../shared/http/forms.ts';
import { PASSWORD_MAX_LENGTH } from '../../shared/rules/passwords.ts';
import {
  document,
  field,
  firstField,
  formToken,
  problem,
  userNameField,
} from '../../shared/screens/page-layout.ts';
import type { SessionItem } from '../../shared/store/sessions.ts';
import { accountNav } from './nav.ts';

type Page = {
  readonly form: Form;
  readonly actor: {
    readonly tenant: Pick<SessionActor['tenant'], 'company' | 'requireMfa'>;
    readonly employee: Pick<
      SessionActor['employee'],
      'userName' | 'firstName' | 'lastName' | 'userType' | 'emailAddress' | 'secondFactorOn'
    >;
    readonly roles: readonly { readonly active: boolean; readonly name: string }[];
  };
};
type Told = { readonly message?: string | undefined; readonly done?: string | undefined };

/** Who am I, my company, my roles. */
export function accountPage({ form, actor }: Page): string {
  const { employee, tenant, roles } = actor;
  const active = roles.filter((role) => role.active).map((role) => role.name);
  return document({
    title: `Signed in as ${employee.firstName} ${employee.lastName}`,
    nav: accountNav('account', form),
    body: html`<dl>
${fact('User name', employee.userName)}
${fact('Company', tenant.company)}
${fact('User type', employee.userType)}
${fact('E-mail address', employee.emailAddress ?? 'none')}
${fact('Security roles', active.length === 0 ? 'none' : active.join(', '))}
${fact('Second factor', employee.secondFactorOn === undefined ? 'not set up' : 'on')}
</dl>`,
  });
}

function fact(term: string, value: string): Html {
  return html`<dt>${term}</dt><dd>${value}</dd>`;
}

export type PasswordErrors = Readonly<Partial<Record<'current' | 'password' | 'confirmation', string>>>;

export function changePasswordPage(
  page: Page & Told & { readonly minimumLength: number; readonly errors?: PasswordErrors },
): string {
  const { form, actor, message, done, errors = {}, minimumLength } = page;
  const focus = firstField(errors, undefined);
  return document({
    title: 'Change your password',
    failed: message !== undefined || focus !== undefined,
    nav: accountNav('password', form),
    body: html`${told(page)}
${
  done === undefined &&
  html`<form method="post" action="/account/password" novalidate>
${formToken(form.token)}
${userNameField(actor.employee.userName)}
${field({
  name: 'current',
  label: 'Current password',
  type: 'password',
  autocomplete: 'current-password',
  error: errors.current,
  autofocus: focus === 'current',
})}
${field({
  name: 'password',
  label: 'New password',
  type: 'password',
  hint: `${minimumLength} to ${PASSWORD_MAX_LENGTH} characters of any kind; four or five random words do well`,
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
<button type="submit">Change password</button>
</form>`
}`,
  });
}

export type RemoveErrors = Readonly<Partial<Record<'password' | 'code', string>>>;

/** A factor that is on, and the way to be rid of it. */
export function factorOnPage(
  page: Page & Told & { readonly errors?: RemoveErrors; readonly codesLeft?: number },
): string {
  const { form, actor, message, errors = {}, codesLeft } = page;
  const focus = firstField(errors, undefined);
  return document({
    title: 'Your second factor',
    failed: message !== undefined || focus !== undefined,
    nav: accountNav('factor', form),
    body: html`${told(page)}
<p>Signing in takes your password and a code from your authenticator app.</p>
${codesLeft !== undefined && html`<p>Recovery codes left: ${codesLeft}.</p>`}
<h2>Change it</h2>
<p>New recovery codes take the place of the old ones.</p>
<p>To move to another phone, remove the second factor. That signs you out everywhere; sign in again to set up
another.${actor.tenant.requireMfa && ' Your company requires one.'}</p>
<form method="post" action="/account/second-factor/codes" novalidate>
${formToken(form.token)}
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
<button type="submit">Show new recovery codes</button>
<button type="submit" class="second" formaction="/account/second-factor/remove">Remove the second factor</button>
</form>`,
  });
}

type Listed = Pick<SessionItem, 'id' | 'signedInAt' | 'lastSeenAt' | 'sourceAddress' | 'userAgent'>;

/** The newest; `End all but this one` ends the others, too. */
const MOST_SHOWN = 50;

export function sessionsPage(
  page: Page & Told & { readonly sessions: readonly Listed[]; readonly current: string },
): string {
  const { form, sessions, current, message } = page;
  const others = sessions.filter(({ id }) => id !== current);
  const shown = [...sessions.filter(({ id }) => id === current), ...others.slice(0, MOST_SHOWN)];
  const unseen = sessions.length - shown.length;
  return document({
    title: 'Your sessions',
    failed: message !== undefined,
    nav: accountNav('sessions', form),
    body: html`${told(page)}
<p>Every browser in which you are signed in. Times are in UTC.</p>
<form method="post" action="/account/sessions">
${formToken(form.token)}
<ul class="sessions">
${shown.map((session) => entry(session, session.id === current))}
</ul>
${unseen > 0 && html`<p>And ${unseen} more, which began earlier.</p>`}
${
  others.length > 0 && html`<button type="submit" name="session" value="others">End all but this one</button>`
}
</form>`,
  });
}

function entry(session: Listed, here: boolean): Html {
  const since = minute(session.signedInAt);
  return html`<li>
<strong>${here ? 'This browser' : 'Another browser'}</strong><br>
Signed in ${since}, last seen ${minute(session.lastSeenAt)}, from ${session.sourceAddress}<br>
<span class="hint">${session.userAgent}</span>
${
  !here &&
  html`<button type="submit" class="second" name="session" value="${session.id}">End this session<span class="visually-hidden"> of ${since}</span></button>`
}
</li>`;
}

function minute(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}

function told({ message, done }: Told): Html {
  return html`${message !== undefined && problem(message)}${
    done !== undefined && html`<p class="notice good" role="status">${done}</p>`
  }`;
}
