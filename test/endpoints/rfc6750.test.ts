import { beforeAll, describe, expect, it, test } from 'vitest';
import { basic } from '../../infra/local/clients.ts';
import { postForm } from '../support/oauth.ts';
import {
  newApiAccount,
  newTenant,
  PASSWORD,
  request,
  stack,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

let tenant: Tenant;
let bot: Awaited<ReturnType<typeof newApiAccount>>;
beforeAll(async () => {
  tenant = await newTenant();
  bot = await newApiAccount(tenant);
});

const call = (authorization?: string, path = '/v2/security/userinfo') =>
  fetch(`${stack.url}${path}`, authorization === undefined ? {} : { headers: { authorization } });
const described = (error: string) =>
  new RegExp(
    `^Bearer realm="PSA API", error="${error}", error_description="[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+"$`,
  );

describe('RFC 6750 3: the challenge', () => {
  test.each([
    ['no credentials', undefined],
    ['another scheme', 'Digest x'],
    ['HTTP Basic', basic('a\\b', 'c')],
  ])('of a call with %s names no error (3.1)', async (_, authorization) => {
    const reply = await call(authorization);
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="PSA API"');
    expect(reply.headers.get('cache-control')).toBe('no-store');
  });

  it('of a token that is none is invalid_token', async () => {
    const reply = await call('Bearer nonsense');
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toMatch(described('invalid_token'));
  });

  it('of a token that was ended is invalid_token', async () => {
    const token = await tokenFor(bot.user, PASSWORD);
    await postForm('/oauth2/revoke', { token }, { token });
    const reply = await call(`Bearer ${token}`);
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toMatch(described('invalid_token'));
  });

  it('of a missing right is 403 insufficient_scope', async () => {
    const token = await tokenFor(bot.user, PASSWORD);
    const reply = await call(`Bearer ${token}`, '/v2/admin/mycompany');
    expect(reply.status).toBe(403);
    expect(reply.headers.get('www-authenticate')).toMatch(described('insufficient_scope'));
  });
});

describe('RFC 6750 2: a token', () => {
  it('is taken from the header in any case of its scheme', async () => {
    const token = await tokenFor(bot.user, PASSWORD);
    expect((await call(`bearer ${token}`)).status).toBe(200);
    expect((await call(`BEARER  ${token}`)).status).toBe(200);
  });

  it('is not taken from the address (2.3)', async () => {
    const token = await tokenFor(bot.user, PASSWORD);
    expect((await call(undefined, `/v2/security/userinfo?access_token=${token}`)).status).toBe(401);
  });

  it('is 401 978001 in the envelope of V2, on which its clients sign in again', async () => {
    expect(await request('GET', '/v2/security/userinfo', { token: 'x' })).toMatchObject({
      status: 401,
      success: false,
      result: null,
      error: { code: 978001, stackStrace: null, correlationId: expect.any(String) },
    });
  });
});
