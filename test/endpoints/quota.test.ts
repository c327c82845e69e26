import { beforeAll, expect, it, test } from 'vitest';
import { functions } from '../../infra/functions.ts';
import { authenticateBearer } from '../../shared/http/bearer.ts';
import type { TokenVerifier } from '../../shared/http/token-verifier.ts';
import { quotaState } from '../../shared/rules/quota.ts';
import { openTable } from '../../shared/store/table.ts';
import { watchCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { newApiAccount, newTenant, PASSWORD, request, type Tenant, tokenFor } from '../support/world.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
});

const company = (quotaPerHour: number) =>
  request('PATCH', '/v2/admin/mycompany', { token: tenant.admin, body: { quotaPerHour } });

it('tells on each call what is left of 1,500 an hour', async () => {
  const bot = await newApiAccount(tenant);
  const token = await tokenFor(bot.user, PASSWORD);
  const call = () => request('GET', '/v2/security/userinfo', { token });
  const [first, second] = [await call(), await call()];
  expect(first.headers.get('ratelimit-policy')).toBe('"hour";q=1500;w=3600');
  expect(first.headers.get('ratelimit')).toMatch(/^"hour";r=1499;t=\d{1,4}$/);
  expect(second.headers.get('ratelimit')).toMatch(/^"hour";r=1498;/);
});

it('answers 429 beyond the setting of the company, for this account and endpoint alone', async () => {
  const [busy, calm] = [await newApiAccount(tenant), await newApiAccount(tenant)];
  const [token, other] = [await tokenFor(busy.user, PASSWORD), await tokenFor(calm.user, PASSWORD)];
  expect((await company(60)).result).toMatchObject({ quotaPerHour: 60 });
  const calls = Array.from({ length: 61 }, () => request('GET', '/v2/security/userinfo', { token }));
  const statuses = (await Promise.all(calls)).map(({ status }) => status);
  expect(statuses.sort()).toEqual([...Array(60).fill(200), 429]);
  const refused = await request('GET', '/v2/security/userinfo', { token });
  expect(refused).toMatchObject({ success: false, result: null, error: { reason: 'quota_exceeded' } });
  expect(refused.headers.get('ratelimit')).toMatch(/^"hour";r=0;t=\d{1,4}$/);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await request('GET', '/v2/security/userinfo', { token: other })).status).toBe(200);
  // Another endpoint: refused for its right, not for the quota.
  expect((await request('GET', '/v2/admin/mycompany', { token })).error?.reason).toBe('right_missing');
  expect((await company(1500)).status).toBe(200);
});

test.each([
  ['a field', { body: { foo: 1 } }],
  ['its Idempotency-Key', { body: {}, headers: { 'idempotency-key': 'two words' } }],
])('is told with a reply that refuses %s too', async (_, sent) => {
  const reply = await request('POST', '/v2/hr/employees', { token: tenant.admin, ...sent });
  expect(reply.status).toBe(400);
  expect(reply.headers.get('ratelimit')).toMatch(/^"hour";r=\d+;t=\d{1,4}$/);
});

it('is not used up by a token that is revoked (M18)', async () => {
  const bot = await newApiAccount(tenant);
  const dead = await tokenFor(bot.user, PASSWORD);
  const whoAmI = (token: string) => request('GET', '/v2/security/userinfo', { token });
  expect((await whoAmI(dead)).status).toBe(200);
  const revoked = await request('POST', `/v2/hr/employees/${bot.id}/revoke`, { token: tenant.admin });
  expect(revoked.status).toBe(200);
  const fresh = await tokenFor(bot.user, PASSWORD);
  expect((await company(60)).status).toBe(200);
  for (let n = 0; n < 65; n += 1) expect((await whoAmI(dead)).error?.reason).toBe('token_dead');
  expect((await whoAmI(fresh)).status).toBe(200);
  expect((await company(1500)).status).toBe(200);
});

test.each([0, -1, 60.5, 1_000_001, '60'])('refuses %s as a quota', async (quotaPerHour) => {
  const reply = await request('PATCH', '/v2/admin/mycompany', {
    token: tenant.admin,
    body: { quotaPerHour },
  });
  expect(reply.status).toBe(400);
});

it('refuses one so low that the admin who set it could neither raise it nor revoke what must go', async () => {
  for (const quotaPerHour of [1, 59]) {
    const { status, error } = await request('PATCH', '/v2/admin/mycompany', {
      token: tenant.admin,
      body: { quotaPerHour },
    });
    expect({ status, subErrors: error?.subErrors }).toEqual({
      status: 400,
      subErrors: ['quotaPerHour must be at least 60'],
    });
  }
});

test.each([
  [1, 1499, false],
  [1500, 0, false],
  [1501, 0, true],
])('of call %i there remain %i', (calls, remaining, exceeded) => {
  expect(quotaState(calls, 1500, 3600)).toEqual({ limit: 1500, remaining, resetSeconds: 3600, exceeded });
  expect(quotaState(calls, 1500, 7199).resetSeconds).toBe(1);
});

const claims = {
  origin_jti: 'x',
  auth_time: 4_000_000_000,
  exp: 4_000_000_000,
  iat: 4_000_000_000,
  iss: '',
  sub: '',
};
const verifier = (username: string): TokenVerifier => ({
  verify: async () => ({ ...claims, username }),
  verifyExpired: async () => ({ ...claims, username }),
  hydrate: async () => undefined,
});

it('adds no sequential round trip for a token that was good before, and an outage of the counter stops no call', async () => {
  const bot = await newApiAccount(tenant);
  const token = await tokenFor(bot.user, PASSWORD);
  const { username } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    username: string;
  };
  const table = openTable(useStackEnvironment().TABLE_NAME);
  let broken = false;
  const seen = watchCalls([table.client], ({ operation }) => {
    if (broken && operation === 'UpdateItem') throw new Error('The counter is down');
  });
  const authorise = () => authenticateBearer(table, verifier(username), 'Bearer x', 'userInfo');
  expect((await authorise()).ok).toBe(true);
  seen.length = 0;
  const started = authorise();
  // Both have left before either is back.
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen.map(({ operation }) => operation).sort()).toEqual(['BatchGetItem', 'UpdateItem']);
  expect(await started).toMatchObject({ ok: true, value: { quota: { limit: 1500 } } });
  broken = true;
  expect(await authorise()).toMatchObject({ ok: true, value: { quota: undefined } });
});

test('every function with bearer routes may count', () => {
  const bearers = functions.filter(
    ({ trigger }) => trigger.kind === 'http' && trigger.routes.some(({ auth }) => auth === 'bearer'),
  );
  expect(bearers.length).toBeGreaterThan(3);
  expect(bearers.filter(({ table }) => !table.includes('UpdateItem')).map(({ name }) => name)).toEqual([]);
});
