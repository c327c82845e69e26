import { describe, expect, it, test } from 'vitest';
import { isOurForm, openForm } from '../../shared/http/forms.ts';
import { sha256 } from '../../shared/ids.ts';

const PUBLIC_URL = 'https://psa.example';
const COOKIE = 'c'.repeat(43);

type Post = { headers: Record<string, string>; cookies: Record<string, string>; token: string };

/** What a browser sends with our own form. */
const good: Post = {
  headers: { 'sec-fetch-site': 'same-origin', origin: PUBLIC_URL },
  cookies: { '__Host-form': COOKIE },
  token: sha256(COOKIE),
};

const isOurs = ({ headers, cookies, token }: Post) => isOurForm({ headers, cookies }, token, PUBLIC_URL);

describe('S15: only our own forms are taken', () => {
  test.each<[string, Partial<Post>]>([
    ['as a browser sends it', {}],
    ['loaded again by the user', { headers: { 'sec-fetch-site': 'none' } }],
    ['by a browser that sends Origin alone', { headers: { origin: PUBLIC_URL } }],
    ['by a client that sends neither', { headers: {} }],
    [
      'where a privacy setting hides the origin, and Sec-Fetch-Site vouches for it',
      { headers: { 'sec-fetch-site': 'same-origin', origin: 'null' } },
    ],
  ])('takes a form sent %s', (_, change) => {
    expect(isOurs({ ...good, ...change })).toBe(true);
  });

  test.each<[string, Partial<Post>]>([
    ['from another site', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['from a sister host', { headers: { 'sec-fetch-site': 'same-site', origin: PUBLIC_URL } }],
    ['with another origin', { headers: { origin: 'https://evil.example' } }],
    ['with our origin at another port', { headers: { origin: `${PUBLIC_URL}:8443` } }],
    ['with our origin without TLS', { headers: { origin: 'http://psa.example' } }],
    ['from a sandboxed frame', { headers: { origin: 'null' } }],
    ['without the cookie', { cookies: {} }],
    ['with a cookie that is not ours', { cookies: { '__Host-form': 'x' }, token: sha256('x') }],
    ['with an empty cookie', { cookies: { '__Host-form': '' }, token: sha256('') }],
    ['without the token', { token: '' }],
    ['with the cookie itself as the token', { token: COOKIE }],
    ['with the token of another browser', { token: sha256('d'.repeat(43)) }],
  ])('refuses a form %s', (_, change) => {
    expect(isOurs({ ...good, ...change })).toBe(false);
  });

  it('takes the form that it opened, with the cookie that it set', () => {
    const form = openForm({ cookies: {} });
    const [, value = ''] = /^__Host-form=([\w-]{43});/.exec(form.setCookies[0] ?? '') ?? [];
    expect(isOurs({ ...good, cookies: { '__Host-form': value }, token: form.token })).toBe(true);
  });

  test.each([
    ['what it is about', 'A', 'A', true],
    ['something else', 'A', 'B', false],
    ['nothing, where it says something', 'A', undefined, false],
    ['something, where it says nothing', undefined, 'A', false],
  ])('takes a form for %s: %s as %s, %s', (_, made, sent, taken) => {
    const { token } = openForm({ cookies: good.cookies }, made);
    expect(isOurForm(good, token, PUBLIC_URL, sent)).toBe(taken);
  });

  it('sets a cookie that no script, no other host and no plain HTTP gets', () => {
    const [cookie = ''] = openForm({ cookies: {} }).setCookies;
    expect(cookie.split('; ').slice(1).sort()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure']);
  });

  it('keeps the cookie of a browser that has one, so that forms in other tabs stay good', () => {
    expect(openForm({ cookies: { '__Host-form': COOKIE } })).toEqual({
      token: sha256(COOKIE),
      setCookies: [],
    });
  });
});
