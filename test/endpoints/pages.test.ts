import { describe, expect, it, test } from 'vitest';
import {
  accountPage,
  changePasswordPage,
  factorOnPage,
  sessionsPage,
} from '../../functions/gateway/account-pages.ts';
import { brokenOffPage, codePage, recoveryPage } from '../../functions/gateway/code-page.ts';
import {
  AT_ACCOUNT,
  AT_SIGN_IN,
  keyPage,
  recoveryCodesPage,
  startPage,
} from '../../functions/gateway/enrol-page.ts';
import {
  factorGonePage,
  gatewayPage,
  noUiAccessPage,
  turnedAwayPage,
} from '../../functions/gateway/gateway-page.ts';
import {
  badLinkPage,
  newPasswordPage,
  openAgainPage,
  passwordSetPage,
} from '../../functions/passwords/new-password-page.ts';
import { resetAskedPage, resetPage } from '../../functions/passwords/reset-page.ts';
import { css, stylesheetHref } from '../../shared/screens/page-style.ts';
import { refusalPage } from '../../shared/screens/refusal-page.ts';

const form = { token: 'form-token', setCookies: [] };
const HOSTILE = `"><script>alert('x')</script>&`;

/** Every page, with `name` wherever a page says what somebody typed. */
function pages(name: string): [string, string][] {
  const account = { userName: name, company: name };
  const page = { form, company: name, userName: name, message: name };
  const employee = {
    userName: name,
    firstName: name,
    lastName: name,
    userType: 'Employee' as const,
    emailAddress: name,
    secondFactorOn: undefined,
  };
  const who = { tenant: { company: name, requireMfa: true }, employee };
  const actor = { ...who, roles: [{ active: true, name }] };
  const session = { id: 'id', signedInAt: 0, lastSeenAt: 0, sourceAddress: name, userAgent: name };
  const set = { account, tenant: name, publicUrl: 'https://psa.example' };
  return [
    ['gateway', gatewayPage({ form, company: name })],
    [
      'gateway with errors',
      gatewayPage({ ...page, errors: { company: name, userName: name, password: name } }),
    ],
    ['no UI access', noUiAccessPage(page)],
    ['factor gone', factorGonePage(name)],
    ['code', codePage({ form, message: name, error: name })],
    ['recovery', recoveryPage({ form, message: name, error: name })],
    ['broken off', brokenOffPage(name, name)],
    ['start, at sign-in', startPage({ form, who, place: AT_SIGN_IN, message: name })],
    ['start, at the account', startPage({ form, who, place: AT_ACCOUNT, error: name })],
    ['key, at sign-in', keyPage({ form, who, place: AT_SIGN_IN, secret: 'ABCD' })],
    [
      'key, at the account',
      keyPage({ form, who, place: AT_ACCOUNT, secret: 'ABCD', errors: { password: name, code: name } }),
    ],
    ['recovery codes', recoveryCodesPage({ form, codes: [name], done: name })],
    ['account', accountPage({ form, actor })],
    [
      'change password',
      changePasswordPage({
        form,
        actor,
        minimumLength: 15,
        errors: { current: name, password: name, confirmation: name },
      }),
    ],
    ['password changed', changePasswordPage({ form, actor, minimumLength: 15, done: name })],
    ['factor on', factorOnPage({ form, actor, errors: { password: name, code: name } })],
    ['sessions', sessionsPage({ form, actor, sessions: [session], current: 'other', done: name })],
    ['turned away', turnedAwayPage(name, name)],
    ['reset', resetPage({ form, company: name })],
    ['reset with errors', resetPage({ ...page, errors: { company: name, userName: name } })],
    ['reset asked', resetAskedPage(name)],
    ['new password', newPasswordPage({ form, account, minimumLength: 15 })],
    [
      'new password with errors',
      newPasswordPage({
        form,
        account,
        minimumLength: 15,
        errors: { password: name, confirmation: name },
      }),
    ],
    ['open again', openAgainPage(name)],
    ['bad link', badLinkPage(name, name)],
    ['password set, API', passwordSetPage({ ...set, api: true })],
    ['password set, person', passwordSetPage({ ...set, api: false })],
    ['refusal', refusalPage({ status: 400, message: name, subErrors: [name], correlationId: name })],
  ];
}

it.each(pages('Acme').filter(([name]) => name.endsWith('at sign-in')))(
  'before the first session the page %s has a way back',
  (_, html) => {
    expect(html).toContain('<a href="/">Back to sign in</a>');
    expect(html).not.toContain('<nav');
  },
);

const tags = (html: string, name: string) => html.match(new RegExp(`<${name}\\b[^>]*>`, 'g')) ?? [];
const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1];

describe.each(pages('Acme'))('the page %s', (_, html) => {
  it('is a whole document with a language, a viewport, a title and one heading', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(html).toMatch(/<title>.+<\/title>/);
    expect(tags(html, 'h1')).toHaveLength(1);
    expect(tags(html, 'main')).toHaveLength(1);
  });

  it('holds nothing that the content security policy forbids, and loads its style only', () => {
    expect(html).not.toMatch(/<(script|style|img|iframe|object|base)\b|\sstyle=|\son[a-z]+=|javascript:/i);
    expect(tags(html, 'link')).toEqual([`<link rel="stylesheet" href="${stylesheetHref}">`]);
  });

  it('labels every field, and says what goes into it', () => {
    for (const input of tags(html, 'input').filter((tag) => attribute(tag, 'type') !== 'hidden')) {
      expect(html).toContain(`<label for="${attribute(input, 'id')}">`);
      expect(attribute(input, 'autocomplete')).toMatch(
        /^(organization|username|current-password|new-password|one-time-code|off)$/,
      );
    }
  });

  it('ties every hint and every error to its field', () => {
    const described = tags(html, 'input').flatMap(
      (tag) => attribute(tag, 'aria-describedby')?.split(' ') ?? [],
    );
    const ids = [...html.matchAll(/id="([\w-]+-(?:hint|error))"/g)].map(([, id]) => id);
    expect(described.sort()).toEqual(ids.sort());
    const wrong = tags(html, 'input').filter((tag) => tag.includes('aria-invalid="true"'));
    expect(wrong).toHaveLength(ids.filter((id) => id?.endsWith('-error')).length);
  });

  it('begins at one field at most', () => {
    expect(html.match(/ autofocus/g)?.length ?? 0).toBeLessThanOrEqual(1);
  });

  it('has no id twice', () => {
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('sends every form by post, to this host, with the token', () => {
    for (const tag of tags(html, 'form')) {
      expect(attribute(tag, 'method')).toBe('post');
      expect(attribute(tag, 'action')).toMatch(/^\/(?!\/)/);
    }
    expect(tags(html, 'input').filter((tag) => tag.includes('value="form-token"'))).toHaveLength(
      tags(html, 'form').length,
    );
  });

  it('leads nowhere else', () => {
    for (const tag of tags(html, 'a')) expect(attribute(tag, 'href')).toMatch(/^\/(?!\/)/);
  });
});

test.each(pages(HOSTILE))('%s: escapes what somebody typed', (_, html) => {
  expect(html).not.toContain('<script');
  expect(html).not.toContain(HOSTILE);
  expect(html).not.toContain("alert('x')");
});

describe('the gateway', () => {
  it('takes the company from its link, and waits at the user name', () => {
    const inputs = tags(gatewayPage({ form, company: 'acme' }), 'input');
    expect(inputs.find((tag) => attribute(tag, 'name') === 'company')).toContain('value="acme"');
    expect(inputs.find((tag) => attribute(tag, 'name') === 'userName')).toContain(' autofocus');
  });

  it('offers the reset beside the sign-in, for the user name that was typed (M3)', () => {
    const html = gatewayPage({ form, company: '' });
    const [signIn, reset] = html.match(/<button[^>]*>[^<]*<\/button>/g) ?? [];
    expect(signIn).toBe('<button type="submit">Sign in</button>');
    expect(reset).toContain('formaction="/password/reset">Reset password<');
  });

  it('never sends a password back', () => {
    const html = gatewayPage({ form, company: 'acme', userName: 'bot', message: 'wrong' });
    const password = tags(html, 'input').find((tag) => attribute(tag, 'type') === 'password');
    expect(password).not.toContain('value');
  });

  it('says first in the title that something went wrong', () => {
    expect(gatewayPage({ form, company: '', message: 'wrong' })).toContain('<title>Error: Sign in</title>');
  });
});

describe('the new password', () => {
  it.each([8, 15])('is told its rules before it is typed, with %i characters at least', (minimumLength) => {
    const account = { userName: 'bot', company: 'Acme' };
    const html = newPasswordPage({ form, account, minimumLength });
    expect(html.indexOf(`${minimumLength} to 128 characters`)).toBeGreaterThan(0);
    expect(html.indexOf(`${minimumLength} to 128 characters`)).toBeLessThan(html.indexOf('<form'));
  });

  it('gives password managers the user name without sending it', () => {
    const html = newPasswordPage({ form, account: { userName: 'bot', company: 'Acme' }, minimumLength: 15 });
    const field = tags(html, 'input').find((tag) => attribute(tag, 'autocomplete') === 'username') ?? '';
    expect(field).toContain('value="bot"');
    expect(attribute(field, 'name')).toBeUndefined();
  });

  it('leads to another link for the same company when the link is bad', () => {
    expect(badLinkPage('This link has expired.', 'bäcker')).toContain(
      'href="/password/reset?company=b%C3%A4cker"',
    );
  });

  it('shows a command that a shell takes as it is', () => {
    const account = { userName: "o'brien", company: 'Acme' };
    const html = passwordSetPage({ account, tenant: 'acme', api: true, publicUrl: 'https://psa.example' });
    const shown = html.replaceAll('&#39;', "'");
    expect(shown).toContain(
      [
        "<code>curl -u 'acme\\o'\\''brien' \\",
        '-d grant_type=client_credentials \\',
        'https://psa.example/oauth2/token</code>',
      ].join('\n'),
    );
  });
});

describe('the style', () => {
  it('has an address that changes with it', () => {
    expect(stylesheetHref).toMatch(/^\/style\.css\?v=[\w-]{12}$/);
  });

  const [light, dark] = css
    .split('prefers-color-scheme: dark')
    .map((part) =>
      Object.fromEntries(
        [...part.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map(([, name, colour]) => [name, colour]),
      ),
    );

  /** WCAG 2.2, 1.4.3 and 1.4.11. */
  test.each([
    ['light', light],
    ['dark', dark],
  ])('has AA contrast when %s', (_, colours = {}) => {
    const contrast = (a: string, b: string) => {
      const [high = 0, low = 0] = [luminance(colours[a]), luminance(colours[b])].sort((x, y) => y - x);
      return (high + 0.05) / (low + 0.05);
    };
    for (const ink of ['ink', 'soft', 'act', 'bad', 'good']) {
      expect(contrast(ink, 'card'), ink).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast('ink', 'ground')).toBeGreaterThanOrEqual(4.5);
    expect(contrast('act-ink', 'act')).toBeGreaterThanOrEqual(4.5);
    expect(contrast('line', 'card')).toBeGreaterThanOrEqual(3);
  });
});

function luminance(colour = '#000000'): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
