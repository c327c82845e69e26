import { beforeAll, describe, expect, it, test } from 'vitest';
import { authenticate, postForm, refreshV2 } from '../support/oauth.ts';
import { newApiAccount, newTenant, PASSWORD, request, type Tenant, tokenFor } from '../support/world.ts';

let tenant: Tenant;
let bot: Awaited<ReturnType<typeof newApiAccount>>;
let colleague: Awaited<ReturnType<typeof newApiAccount>>;
beforeAll(async () => {
  tenant = await newTenant();
  bot = await newApiAccount(tenant);
  colleague = await newApiAccount(tenant);
});

const me = () => ({ user: bot.user, password: PASSWORD });
const revoke = (fields: Record<string, string>, auth?: Parameters<typeof postForm>[2]) =>
  postForm('/oauth2/revoke', fields, auth);
const status = async (token: string) => (await request('GET', '/v2/security/userinfo', { token })).status;

describe('RFC 7009 2.1: revocation', () => {
  it('ends an access token, by Basic, at once', async () => {
    const token = await tokenFor(bot.user, PASSWORD);
    const reply = await revoke({ token, token_type_hint: 'access_token' }, me());
    expect(reply).toMatchObject({ status: 200, body: {} });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(await status(token)).toBe(401);
  });

  it('ends one of its own, by bearer', async () => {
    const [token, other] = [await tokenFor(bot.user, PASSWORD), await tokenFor(bot.user, PASSWORD)];
    expect((await revoke({ token }, { token: other })).status).toBe(200);
    expect([await status(token), await status(other)]).toEqual([401, 200]);
  });

  test.each(['accessToken', 'refreshToken'] as const)(
    'of the %s ends every token of the sign-in, and no other',
    async (which) => {
      const [tokens, untouched] = [
        await authenticate(tenant.name, bot.userName, PASSWORD),
        await authenticate(tenant.name, bot.userName, PASSWORD),
      ];
      expect((await revoke({ token: tokens[which] }, me())).status).toBe(200);
      expect(await status(tokens.accessToken)).toBe(401);
      expect((await refreshV2(tokens)).status).toBe(401);
      expect((await refreshV2(untouched)).status).toBe(200);
    },
  );

  it('does not mind a wrong or unknown hint', async () => {
    const token = await tokenFor(bot.user, PASSWORD);
    expect((await revoke({ token, token_type_hint: 'refresh_token' }, me())).status).toBe(200);
    expect((await revoke({ token, token_type_hint: 'x' }, me())).status).toBe(200);
    expect(await status(token)).toBe(401);
  });

  test.each([
    ['no client', undefined, 'invalid_client'],
    ['a wrong secret', { user: 'x\\y', password: 'wrong' }, 'invalid_client'],
    ['a bearer token that is none', { token: 'nonsense' }, 'invalid_token'],
  ])('with %s is refused', async (_, auth, error) => {
    const reply = await revoke({ token: 'x' }, auth);
    expect(reply).toMatchObject({ status: 401, body: { error } });
    expect(reply.headers.get('www-authenticate')).toMatch(
      error === 'invalid_token' ? /^Bearer .*error="invalid_token"/ : /^Basic /,
    );
  });

  it('of a colleague’s needs the right', async () => {
    const token = await tokenFor(colleague.user, PASSWORD);
    expect(await revoke({ token }, me())).toMatchObject({
      status: 400,
      body: { error: 'unauthorized_client', reason: 'token_of_another' },
    });
    expect(await status(token)).toBe(200);
    expect((await revoke({ token }, { token: tenant.admin })).status).toBe(200);
    expect(await status(token)).toBe(401);
  });
});

describe('RFC 7009 2.2: to what it does not know', () => {
  test.each(['nonsense', 'a.b.c', `${crypto.randomUUID()}.${'a'.repeat(43)}.x.y.z`])(
    'answers 200: %s',
    async (token) => {
      expect(await revoke({ token }, me())).toMatchObject({ status: 200, body: {} });
    },
  );

  it('answers invalid_request to no token at all (2.2.1)', async () => {
    expect(await revoke({}, me())).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });
});
