import { beforeAll, describe, expect, it, test } from 'vitest';
import { basic } from '../../infra/local/clients.ts';
import { authenticate, enrol, newPerson, requireMfa, signInAt } from '../support/people.ts';
import {
  fetchToken,
  newApiAccount,
  newEmployee,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  stack,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

const HARD_PASSWORD = 'Zwölf % Möwen + 3: fliegen "süd" 100%41';

let tenant: Tenant;
let account: Awaited<ReturnType<typeof newApiAccount>>;
beforeAll(async () => {
  tenant = await newTenant();
  account = await newApiAccount(tenant, HARD_PASSWORD);
});

const form = 'application/x-www-form-urlencoded';
const post = (headers: Record<string, string>, body = 'grant_type=client_credentials') =>
  fetch(`${stack.url}/oauth2/token`, { method: 'POST', headers: { 'content-type': form, ...headers }, body });
const formEncode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);

describe('M14 HTTP Basic', () => {
  it('issues a token for user name and password as they are', async () => {
    const reply = await post({ authorization: basic(account.user, HARD_PASSWORD) });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(await reply.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
    });
  });

  it('issues a token for both parts form-encoded (RFC 6749 2.3.1)', async () => {
    const reply = await post({ authorization: basic(formEncode(account.user), formEncode(HARD_PASSWORD)) });
    expect(reply.status).toBe(200);
  });

  /** Authlib, Python's requests (a pair of strings), requests-oauthlib; `btoa` of JavaScript does the same. */
  const inLatin1 = (user: string, password: string) =>
    `Basic ${Buffer.from(`${user}:${password}`, 'latin1').toString('base64')}`;

  it('issues a token for credentials in ISO-8859-1, company and password with umlauts', async () => {
    const bauer = await newTenant({ company: `Bauer & Söhne ${Date.now()}` });
    const bot = await newApiAccount(bauer, HARD_PASSWORD);
    const bytes = Buffer.from(inLatin1(bot.user, HARD_PASSWORD).slice('Basic '.length), 'base64');
    expect(bytes.includes(0xfc)).toBe(true); // ü
    const reply = await post({ authorization: inLatin1(bot.user, HARD_PASSWORD) });
    expect(reply.status).toBe(200);
    expect(btoa(`${bot.user}:${HARD_PASSWORD}`)).toBe(bytes.toString('base64'));
  });

  it('folds company and user name', async () => {
    expect((await fetchToken(account.user.toUpperCase(), HARD_PASSWORD)).status).toBe(200);
  });

  it('never tries the other reading', async () => {
    // Raw backslash: taken as it is, so an encoded password is simply another password.
    const reply = await post({ authorization: basic(account.user, formEncode(HARD_PASSWORD)) });
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject({ error: 'invalid_client', reason: 'credentials_wrong' });
  });

  test.each([
    ['nothing', {}, 'credentials_missing'],
    ['another scheme', { authorization: 'Digest x' }, 'credentials_missing'],
    ['no Base64', { authorization: 'Basic ###' }, 'credentials_malformed'],
    [
      'no colon',
      { authorization: `Basic ${Buffer.from('abc').toString('base64')}` },
      'credentials_malformed',
    ],
    ['no company', { authorization: basic('bot', 'x') }, 'credentials_malformed'],
    ['an escape that is no UTF-8', { authorization: basic('a%5Cb', 'z%FCrich') }, 'credentials_malformed'],
    ['a broken escape', { authorization: basic('a%5Cb', '%ZZ') }, 'credentials_malformed'],
  ])('answers %s with 401 and a challenge', async (_, headers: Record<string, string>, reason) => {
    const reply = await post(headers);
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Basic realm="PSA API", charset="UTF-8"');
    expect(await reply.json()).toMatchObject({ error: 'invalid_client', reason });
  });

  test.each([
    ['no grant type', 'scope=x', 'invalid_request', 'grant_type_missing'],
    [
      'the password grant (RFC 9700 2.4)',
      'grant_type=password',
      'unsupported_grant_type',
      'grant_type_unsupported',
    ],
    [
      'a doubled parameter (RFC 6749 3.2)',
      'grant_type=client_credentials&grant_type=x',
      'invalid_request',
      'invalid_fields',
    ],
  ])('refuses %s', async (_, body, error, reason) => {
    const reply = await post({ authorization: basic(account.user, HARD_PASSWORD) }, body);
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ error, reason });
  });
});

describe('one answer for all that is wrong (S1)', () => {
  it('tells a wrong password, an unknown user, an unknown company and an account without a password nothing', async () => {
    const passwordless = await newEmployee(tenant);
    const replies = await Promise.all(
      [
        account.user,
        `${tenant.name}\\nobody`,
        'no-such-company\\nobody',
        `${tenant.name}\\${passwordless.userName}`,
      ].map(async (user) => {
        const { headers, ...body } = await fetchToken(user, 'a wrong password');
        return { ...body, correlation_id: undefined, challenge: headers.get('www-authenticate') };
      }),
    );
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(replies[0]).toMatchObject({ status: 401, reason: 'credentials_wrong' });
  });
});

describe('M15 API Access', () => {
  it('is needed on one role, and takes effect at once both ways (M18)', async () => {
    const other = await newTenant();
    const bot = await newApiAccount(other);
    const token = await tokenFor(bot.user, PASSWORD);
    const role = (apiAccess: boolean) =>
      request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, {
        token: other.admin,
        body: { apiAccess },
      });
    const info = () => request('GET', '/v2/security/userinfo', { token });
    expect((await info()).status).toBe(200);
    await role(false);
    expect(await info()).toMatchObject({ status: 401, error: { code: 978001, reason: 'token_dead' } });
    expect(await fetchToken(bot.user, PASSWORD)).toMatchObject({
      status: 400,
      error: 'unauthorized_client',
      reason: 'role_without_api_access',
    });
    await role(true);
    expect((await info()).status).toBe(200);
  });

  it('without any role gives no token', async () => {
    const bot = await newApiAccount(tenant);
    await request('PATCH', `/v2/hr/employees/${bot.id}`, {
      token: tenant.admin,
      body: { securityRoleIds: [] },
    });
    expect(await fetchToken(bot.user, PASSWORD)).toMatchObject({ reason: 'no_role' });
  });
});

describe('M18 immediate', () => {
  it('ends every token of a deactivated account, for good', async () => {
    const bot = await newApiAccount(tenant);
    const token = await tokenFor(bot.user, PASSWORD);
    const active = (isActive: boolean) =>
      request('PATCH', `/v2/hr/employees/${bot.id}`, { token: tenant.admin, body: { isActive } });
    await active(false);
    expect((await request('GET', '/v2/security/userinfo', { token })).status).toBe(401);
    expect(await fetchToken(bot.user, PASSWORD)).toMatchObject({ reason: 'account_inactive' });
    await active(true);
    expect((await request('GET', '/v2/security/userinfo', { token })).status).toBe(401);
    const fresh = await tokenFor(bot.user, PASSWORD);
    expect((await request('GET', '/v2/security/userinfo', { token: fresh })).status).toBe(200);
  });
});

describe('PSA V2 authenticate', () => {
  const fields = () => ({
    GrantType: 'password',
    UserName: account.userName,
    Password: HARD_PASSWORD,
    Tenant: tenant.name,
  });

  it('takes multipart and urlencoded, in any case, and answers the envelope', async () => {
    const multipart = new FormData();
    for (const [name, value] of Object.entries(fields())) multipart.set(name, value);
    const lower = Object.fromEntries(
      Object.entries(fields()).map(([name, value]) => [name.toLowerCase(), value]),
    );
    for (const body of [multipart, new URLSearchParams(lower)]) {
      const reply = await fetch(`${stack.url}/v2/security/authenticate`, { method: 'POST', body });
      expect(await reply.json()).toMatchObject({
        success: true,
        error: null,
        result: {
          accessToken: expect.any(String),
          refreshToken: expect.any(String),
          accessTokenExpireOn: expect.stringMatching(/Z$/),
          refreshTokenExpireOn: expect.stringMatching(/Z$/),
        },
      });
    }
  });

  it('takes the unquoted multipart names that .NET sends', async () => {
    const parts = Object.entries(fields()).map(
      ([name, value]) =>
        `--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=${name}\r\n\r\n${value}\r\n`,
    );
    const reply = await request('POST', '/v2/security/authenticate', {
      body: `${parts.join('')}--b--\r\n`,
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    });
    expect(reply).toMatchObject({ status: 200, success: true });
  });

  it('takes values that a client did not encode', async () => {
    const spaced = await newTenant({ company: `Bot & Söhne ${Date.now()}` });
    const bot = await newApiAccount(spaced, 'words with spaces @ all ends');
    const body = `GrantType=password&UserName=${bot.userName}&Password=words with spaces @ all ends&Tenant=${spaced.name}`;
    const reply = await request('POST', '/v2/security/authenticate', {
      body,
      headers: { 'content-type': form },
    });
    expect(reply.success).toBe(true);
  });

  it('fails with a status and with success false', async () => {
    const reply = await request('POST', '/v2/security/authenticate', {
      body: new URLSearchParams({ ...fields(), Password: 'wrong wrong wrong' }).toString(),
      headers: { 'content-type': form },
    });
    expect(reply).toMatchObject({
      status: 401,
      success: false,
      result: null,
      error: { code: 978001, stackStrace: null },
    });
  });

  it('names missing and unknown fields', async () => {
    const reply = await request('POST', '/v2/security/authenticate', {
      body: 'UserName=x&Foo=1',
      headers: { 'content-type': form },
    });
    expect(reply.error?.subErrors).toEqual(
      expect.arrayContaining([
        'GrantType is required',
        'Password is required',
        'Tenant is required',
        'Foo is not a field of this call',
      ]),
    );
  });
});

describe('a bearer call', () => {
  test.each([
    ['no token', undefined, 'token_missing'],
    ['HTTP Basic', basic('a\\b', 'c'), 'basic_instead_of_token'],
    ['nonsense', 'Bearer abc', 'token_invalid'],
    ['alg none', `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`, 'token_invalid'],
  ])('with %s is 401 978001', async (_, authorization, reason) => {
    const reply = await request(
      'GET',
      '/v2/security/userinfo',
      authorization ? { headers: { authorization } } : {},
    );
    expect(reply).toMatchObject({ status: 401, error: { code: 978001, reason } });
    expect(reply.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
  });

  it('with one byte of the signature flipped is refused', async () => {
    const token = await tokenFor(account.user, HARD_PASSWORD);
    const at = token.length - 20;
    const flipped = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    expect((await request('GET', '/v2/security/userinfo', { token: flipped })).error?.reason).toBe(
      'token_invalid',
    );
  });
});

describe('M2 Require MFA for non-SSO users', () => {
  it('binds people and never an API Employee', async () => {
    const strict = await newTenant();
    const bot = await newApiAccount(strict);
    const on = await request('PATCH', '/v2/admin/mycompany', {
      token: strict.admin,
      body: { requireMfaForNonSsoUsers: true },
    });
    expect(on.status).toBe(200);
    expect(await fetchToken(strict.adminUser, PASSWORD)).toMatchObject({
      status: 400,
      reason: 'mfa_required',
    });
    expect((await fetchToken(bot.user, PASSWORD)).status).toBe(200);
  });

  it('ends what people without a second factor hold on the next call, and nothing else (M18)', async () => {
    const strict = await newTenant();
    const bot = await newApiAccount(strict);
    const botToken = await tokenFor(bot.user, PASSWORD);
    const person = await newPerson(strict);
    const { app } = await enrol((await signInAt(strict.name, person.userName)).browser);
    const coded = await authenticate(strict.name, person.userName, { MFACode: await app.code() });
    const { accessToken: codedToken = '' } = coded.result as { accessToken?: string };
    const { browser } = await signInAt(strict.name, 'alice');
    const before = strict.admin;
    await requireMfa(strict);
    const refused = await request('GET', '/v2/security/userinfo', { token: before });
    expect(refused).toMatchObject({ status: 401, error: { reason: 'token_dead' } });
    expect(refused.error?.message).toContain('second factor');
    expect((await browser.get(`${stack.url}/account`)).status).toBe(401);
    for (const token of [botToken, codedToken]) {
      expect((await request('GET', '/v2/security/userinfo', { token })).status).toBe(200);
    }
    const introspected = await fetch(`${stack.url}/oauth2/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${codedToken}` },
      body: new URLSearchParams({ token: before }),
    });
    expect(await introspected.json()).toEqual({ active: false });
  });
});
