import { beforeAll, describe, expect, it, test } from 'vitest';
import { authenticate, postForm, refreshV2, type V2Tokens } from '../support/oauth.ts';
import { newApiAccount, newTenant, PASSWORD, request, type Tenant, tokenFor } from '../support/world.ts';

let tenant: Tenant;
let bot: Awaited<ReturnType<typeof newApiAccount>>;
beforeAll(async () => {
  tenant = await newTenant();
  bot = await newApiAccount(tenant);
});

const introspect = (token: string, auth: Parameters<typeof postForm>[2] = { token: tenant.admin }) =>
  postForm('/oauth2/introspect', { token }, auth);
const INACTIVE = { active: false };

describe('RFC 7662 2.2: introspection', () => {
  test.each(['bearer', 'Basic'])('of an access token, by %s', async (way) => {
    const token = await tokenFor(bot.user, PASSWORD);
    const auth = way === 'Basic' ? { user: tenant.adminUser, password: PASSWORD } : { token: tenant.admin };
    const reply = await introspect(token, auth);
    expect(reply.status).toBe(200);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.body).toEqual({
      active: true,
      username: bot.user,
      client_id: bot.user,
      token_type: 'Bearer',
      exp: expect.any(Number),
      iat: expect.any(Number),
      sub: expect.any(String),
      iss: expect.stringMatching(/^https:\/\/cognito-idp\./),
      tenant: tenant.name,
      employee_id: bot.id,
      user_type: 'API Employee',
    });
  });

  it('says when the token ends, by the lifetime that the company set', async () => {
    const short = await newTenant();
    const account = await newApiAccount(short);
    const reply = await request('PATCH', '/v2/admin/mycompany', {
      token: short.admin,
      body: { accessTokenMinutes: 5 },
    });
    expect(reply.error).toBeNull();
    const { body } = await introspect(await tokenFor(account.user, PASSWORD), { token: short.admin });
    expect((body.exp as number) - (body.iat as number)).toBe(300);
  });

  it('of a refresh token', async () => {
    const { refreshToken } = await authenticate(tenant.name, bot.userName, PASSWORD);
    expect((await introspect(refreshToken)).body).toMatchObject({ active: true, username: bot.user });
  });

  it('of a token that is dead, unknown, replaced or of another company says active: false and nothing else', async () => {
    const dead = await tokenFor(bot.user, PASSWORD);
    await postForm('/oauth2/revoke', { token: dead }, { token: dead });
    const replaced = await authenticate(tenant.name, bot.userName, PASSWORD);
    const next = (await refreshV2(replaced)).body.result as V2Tokens;
    const foreign = await newTenant();
    for (const token of [dead, 'nonsense', 'a.b.c', replaced.refreshToken, foreign.admin]) {
      const reply = await introspect(token);
      expect(reply.status).toBe(200);
      expect(reply.body).toEqual(INACTIVE);
    }
    expect((await introspect(next.refreshToken)).body.active).toBe(true);
  });
});

describe('RFC 7662 2.3: who asks', () => {
  it('must say who it is', async () => {
    const reply = await postForm('/oauth2/introspect', { token: 'x' });
    expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('must not be a dead bearer', async () => {
    const reply = await introspect('x', { token: 'nonsense' });
    expect(reply).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    expect(reply.headers.get('www-authenticate')).toMatch(/error="invalid_token"/);
  });

  test.each(['bearer', 'Basic'])('must have the right to view security, by %s', async (way) => {
    const token = await tokenFor(bot.user, PASSWORD);
    const auth = way === 'Basic' ? { user: bot.user, password: PASSWORD } : { token };
    const reply = await introspect(token, auth);
    expect(reply).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope', reason: 'right_missing' },
    });
  });
});
