import { beforeAll, describe, expect, it, test } from 'vitest';
import { basic } from '../../infra/local/clients.ts';
import { postForm } from '../support/oauth.ts';
import { newApiAccount, newTenant, PASSWORD, ROLES, request, stack, type Tenant } from '../support/world.ts';

let tenant: Tenant;
let bot: Awaited<ReturnType<typeof newApiAccount>>;
beforeAll(async () => {
  tenant = await newTenant();
  bot = await newApiAccount(tenant);
});

const me = () => ({ user: bot.user, password: PASSWORD });
const TOKEN = '/oauth2/token';

describe('RFC 6749 5.1: a token', () => {
  it('is answered as JSON, not to be stored, without a refresh token (4.4.3)', async () => {
    const reply = await postForm(TOKEN, { grant_type: 'client_credentials' }, me());
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('pragma')).toBe('no-cache');
    expect(Object.keys(reply.body).sort()).toEqual(['access_token', 'expires_in', 'token_type']);
  });

  it('of V1 has a refresh token', async () => {
    const fields = { username: bot.userName, password: PASSWORD, tenant: tenant.name };
    const reply = await postForm('/api/token', { grant_type: 'password', ...fields });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('pragma')).toBe('no-cache');
    expect(reply.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
    });
  });
});

describe('RFC 6749 5.2: an error', () => {
  const grant = { grant_type: 'client_credentials' };
  type Case = [string, () => Promise<Awaited<ReturnType<typeof postForm>>>, number, string, string];
  test.each<Case>([
    ['no client', () => postForm(TOKEN, grant), 401, 'invalid_client', 'credentials_missing'],
    [
      'a wrong secret',
      () => postForm(TOKEN, grant, { ...me(), password: 'wrong wrong wrong' }),
      401,
      'invalid_client',
      'credentials_wrong',
    ],
    [
      'a secret given twice (2.3)',
      () => postForm(TOKEN, { ...grant, client_id: bot.user, client_secret: PASSWORD }, me()),
      401,
      'invalid_client',
      'credentials_malformed',
    ],
    ['no grant type', () => postForm(TOKEN, {}, me()), 400, 'invalid_request', 'grant_type_missing'],
    [
      'an unknown grant type',
      () => postForm(TOKEN, { grant_type: 'urn:x' }, me()),
      400,
      'unsupported_grant_type',
      'grant_type_unsupported',
    ],
    [
      'the password grant (RFC 9700 2.4)',
      () => postForm(TOKEN, { grant_type: 'password', username: 'x', password: 'y' }, me()),
      400,
      'unsupported_grant_type',
      'grant_type_unsupported',
    ],
    [
      'a doubled parameter (3.2)',
      () => postForm(TOKEN, 'grant_type=client_credentials&scope=a&scope=b', me()),
      400,
      'invalid_request',
      'invalid_fields',
    ],
    [
      'a wrong refresh token',
      () => postForm(TOKEN, { grant_type: 'refresh_token', refresh_token: 'x' }),
      400,
      'invalid_grant',
      'refresh_token_invalid',
    ],
    [
      'a wrong password at V1',
      () =>
        postForm('/api/token', {
          grant_type: 'password',
          username: bot.userName,
          password: 'wrong wrong wrong',
          tenant: tenant.name,
        }),
      400,
      'invalid_grant',
      'grant_credentials_wrong',
    ],
    [
      'another grant at V1',
      () => postForm('/api/token', { grant_type: 'x', username: 'a', password: 'b', tenant: 'c' }),
      400,
      'unsupported_grant_type',
      'grant_type_unsupported',
    ],
  ])('%s', async (_, send, status, error, reason) => {
    const reply = await send();
    expect(reply.status).toBe(status);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('pragma')).toBe('no-cache');
    expect(reply.body).toEqual({
      error,
      error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{10,}$/),
      reason,
      correlation_id: expect.any(String),
    });
    expect(reply.headers.get('x-correlation-id')).toBe(reply.body.correlation_id);
    expect(reply.headers.get('www-authenticate')).toBe(
      status === 401 ? 'Basic realm="PSA API", charset="UTF-8"' : null,
    );
  });

  it.each([
    [TOKEN, 'Send grant_type=client_credentials or grant_type=refresh_token.'],
    ['/api/token', 'Send grant_type=password or grant_type=refresh_token.'],
  ])('names the grants of %s and no others', async (path, sentence) => {
    for (const fields of [{}, { grant_type: 'x' }]) {
      const { body } = await postForm(path, fields, path === TOKEN ? me() : undefined);
      expect(body.error_description).toMatch(new RegExp(`${sentence}$`));
    }
  });

  it('names the fields that the password grant of V1 lacks', async () => {
    const { status, body } = await postForm('/api/token', { grant_type: 'password', tenant: tenant.name });
    expect(status).toBe(400);
    expect(body.error_description).toMatch(/ send again\. username is required; password is required$/);
  });

  it.each([
    ['a slash', () => ({ user: `${tenant.name}/${bot.userName}`, password: PASSWORD })],
    ['no company', () => ({ user: bot.userName, password: PASSWORD })],
    ['nothing', () => undefined],
  ])('says in words how the user name is written, where it came with %s', async (_, auth) => {
    const reply = await postForm(TOKEN, grant, auth());
    expect(reply.body.error_description).toContain('company, a backslash, user name');
  });

  it('unauthorized_client is 400, with a reason to act on', async () => {
    const idle = await newApiAccount(tenant);
    await request('PATCH', `/v2/hr/employees/${idle.id}`, {
      token: tenant.admin,
      body: { securityRoleIds: [ROLES.user] },
    });
    const reply = await postForm(TOKEN, grant, { user: idle.user, password: PASSWORD });
    expect(reply).toMatchObject({
      status: 400,
      body: { error: 'unauthorized_client', reason: 'role_without_api_access' },
    });
  });
});

describe('RFC 6749 3.2: the token endpoint', () => {
  test.each(['GET', 'PUT', 'DELETE', 'HEAD'])('refuses %s', async (method) => {
    const reply = await fetch(`${stack.url}${TOKEN}`, {
      method,
      headers: { authorization: basic(bot.user, PASSWORD) },
    });
    expect(reply.status).toBe(405);
  });

  it('takes no credentials from the address (RFC 9700 4.3.2)', async () => {
    const query = new URLSearchParams({ ...grant(), client_id: bot.user, client_secret: PASSWORD });
    const reply = await postForm(`${TOKEN}?${query}`, grant());
    expect(reply).toMatchObject({ status: 401, body: { reason: 'credentials_missing' } });
  });

  it('ignores parameters that it does not know', async () => {
    expect((await postForm(TOKEN, { ...grant(), audience: 'x', resource: 'y' }, me())).status).toBe(200);
  });

  it('refuses a body of another type', async () => {
    const reply = await fetch(`${stack.url}${TOKEN}`, {
      method: 'POST',
      headers: { authorization: basic(bot.user, PASSWORD), 'content-type': 'application/json' },
      body: JSON.stringify(grant()),
    });
    expect(reply.status).toBe(415);
  });
});

const grant = () => ({ grant_type: 'client_credentials' });

describe('PSA V2 ssostatus', () => {
  it('answers the same for every account, known or not, and without fields', async () => {
    const queries = [
      `Tenant=${tenant.name}&UserName=alice`,
      `tenant=${tenant.name}&username=nobody`,
      'Tenant=no-such&UserName=x',
      '',
    ];
    const replies = await Promise.all(
      queries.map(async (query) => {
        const { headers: _, ...body } = await request('GET', `/v2/security/ssostatus?${query}`);
        return JSON.stringify(body);
      }),
    );
    expect(new Set(replies).size).toBe(1);
    expect(JSON.parse(replies[0] ?? '')).toMatchObject({
      status: 200,
      result: { enabled: false, loginEndpointUrl: null },
    });
  });
});
