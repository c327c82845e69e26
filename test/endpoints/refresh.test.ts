import * as v from 'valibot';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { refreshTokens } from '../../functions/tokens/refresh.ts';
import { parseRefreshToken } from '../../shared/identity/refresh-tokens.ts';
import { openUserPool } from '../../shared/identity/user-pool.ts';
import { familyKey } from '../../shared/store/keys.ts';
import { openTable, queryPage, type Table, transact } from '../../shared/store/table.ts';
import { aroundCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { authenticate, errorOf, postForm, refreshV2, type V2Tokens } from '../support/oauth.ts';
import { newApiAccount, newTenant, PASSWORD, ROLES, request, stack, type Tenant } from '../support/world.ts';

let table: Table;
let tenant: Tenant;
let bot: Awaited<ReturnType<typeof newApiAccount>>;
beforeAll(async () => {
  table = openTable(useStackEnvironment().TABLE_NAME);
  tenant = await newTenant();
  bot = await newApiAccount(tenant);
});

const signIn = () => authenticate(tenant.name, bot.userName, PASSWORD);
const userInfo = async (token: string) => (await request('GET', '/v2/security/userinfo', { token })).status;

/** Ages the last rotation, as if the grace had passed. */
async function passGrace(tokens: V2Tokens): Promise<void> {
  const originJti = parseRefreshToken(tokens.refreshToken)?.originJti ?? '';
  await transact(table, [
    {
      update: familyKey(originJti),
      set: {
        expression: 'SET #refresh.#replacedAt = :long',
        names: { '#refresh': 'refresh', '#replacedAt': 'replacedAt' },
        values: { ':long': Math.floor(Date.now() / 1000) - 60 },
      },
    },
  ]);
}

const auditRecord = v.object({ action: v.string(), outcome: v.string(), reason: v.optional(v.string()) });
async function audit(action: string) {
  const month = new Date().toISOString().slice(0, 7);
  const { items } = await queryPage(table, auditRecord, {
    KeyConditionExpression: 'PK = :audit',
    FilterExpression: '#action = :action AND employeeId = :bot',
    ExpressionAttributeNames: { '#action': 'action' },
    ExpressionAttributeValues: {
      ':audit': { S: `AUDIT#${tenant.name}#${month}` },
      ':action': { S: action },
      ':bot': { N: String(bot.id) },
    },
  });
  return items;
}

describe('PSA V2 refreshtoken', () => {
  test('exchanges a refresh token for new tokens, in both encodings and any case', async () => {
    const first = await signIn();
    const second = await refreshV2(first);
    expect(second).toMatchObject({ status: 200, body: { success: true, error: null } });
    const tokens = second.body.result as V2Tokens;
    expect(tokens.refreshToken).not.toBe(first.refreshToken);
    // What is left of the first one's time; the second of the sign-in is Cognito's own.
    const moved = Date.parse(tokens.refreshTokenExpireOn) - Date.parse(first.refreshTokenExpireOn);
    expect(Math.abs(moved)).toBeLessThanOrEqual(2000);
    expect(await userInfo(tokens.accessToken)).toBe(200);
    const form = new FormData();
    form.set('accesstoken', tokens.accessToken);
    form.set('REFRESHTOKEN', tokens.refreshToken);
    const reply = await request('POST', '/v2/security/refreshtoken', {});
    expect(reply.status).toBe(415);
    const third = await fetch(`${stack.url}/v2/security/refreshtoken`, { method: 'POST', body: form });
    expect(await third.json()).toMatchObject({ success: true });
  });

  test.each<[string, (tokens: V2Tokens, other: V2Tokens) => Partial<V2Tokens>]>([
    ['no refresh token', () => ({ refreshToken: '' })],
    ['nonsense', () => ({ refreshToken: 'nonsense' })],
    ['the access token of another sign-in', (_, other) => ({ accessToken: other.accessToken })],
    ['the refresh token of another sign-in', (_, other) => ({ refreshToken: other.refreshToken })],
    ['an access token that is none', () => ({ accessToken: 'x.y.z' })],
    [
      'a seal that was changed',
      ({ refreshToken }) => ({
        refreshToken: refreshToken.replace(/\.(.)/, (_, c: string) => `.${c === 'A' ? 'B' : 'A'}`),
      }),
    ],
    [
      'a sign-in put before the token of another',
      ({ refreshToken }, other) => ({
        refreshToken: refreshToken
          .split('.')
          .slice(0, 2)
          .concat(other.refreshToken.split('.').slice(2))
          .join('.'),
      }),
    ],
  ])('refuses %s with 401 978001, and ends nothing', async (_, change) => {
    const [tokens, other] = await Promise.all([signIn(), signIn()]);
    const reply = await refreshV2({ ...tokens, ...change(tokens, other) });
    expect(reply.status).toBe(401);
    expect(errorOf(reply)).toMatchObject({ code: 978001, reason: 'refresh_token_invalid' });
    expect((await refreshV2(tokens)).status).toBe(200);
    expect((await refreshV2(other)).status).toBe(200);
  });
});

test('M17: a good refresh token that somebody shows without what belongs to it stands in the log of its account', async () => {
  const [stolen, other] = await Promise.all([signIn(), signIn()]);
  const before = (await audit('token.refresh')).length;
  expect((await refreshV2({ ...stolen, accessToken: other.accessToken })).status).toBe(401);
  const { user } = await newApiAccount(tenant);
  const grant = { grant_type: 'refresh_token', refresh_token: stolen.refreshToken };
  expect((await postForm('/oauth2/token', grant, { user, password: PASSWORD })).status).toBe(400);
  const told = { action: 'token.refresh', outcome: 'refused', reason: 'refresh_token_invalid' };
  expect((await audit('token.refresh')).slice(before)).toEqual([told, told]);
});

describe.each(['/oauth2/token', '/api/token'])('OAuth refresh_token grant (RFC 6749 6) at %s', (path) => {
  const grant = (refreshToken: string, auth?: Parameters<typeof postForm>[2]) =>
    postForm(path, { grant_type: 'refresh_token', refresh_token: refreshToken }, auth);

  it('takes tokens of authenticate, with or without the client', async () => {
    const first = await signIn();
    const second = await grant(first.refreshToken);
    expect(second.status).toBe(200);
    expect(second.headers.get('cache-control')).toBe('no-store');
    expect(second.body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      refresh_token: expect.any(String),
    });
    const third = await grant(String(second.body.refresh_token), { user: bot.user, password: PASSWORD });
    expect(third.status).toBe(200);
  });

  it('refuses a wrong client secret, and a token of another account', async () => {
    const { refreshToken } = await signIn();
    expect(await grant(refreshToken, { user: bot.user, password: 'wrong wrong wrong' })).toMatchObject({
      status: 401,
      body: { error: 'invalid_client', reason: 'credentials_wrong' },
    });
    const other = await newApiAccount(tenant);
    expect(await grant(refreshToken, { user: other.user, password: PASSWORD })).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', reason: 'refresh_token_invalid' },
    });
    expect((await grant(refreshToken)).status).toBe(200);
  });

  it('refuses what is no refresh token with invalid_grant, and none with invalid_request', async () => {
    expect(await grant('nonsense')).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await postForm(path, { grant_type: 'refresh_token' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_request', reason: 'refresh_token_missing' },
    });
  });
});

test('V1 takes the refresh token that it issued', async () => {
  const fields = { username: bot.userName, password: PASSWORD, tenant: tenant.name };
  const first = await postForm('/api/token', { grant_type: 'password', ...fields });
  const refresh_token = String(first.body.refresh_token);
  const second = await postForm('/api/token', { grant_type: 'refresh_token', refresh_token });
  expect(second.status).toBe(200);
  expect(await userInfo(String(second.body.access_token))).toBe(200);
});

describe('rotation', () => {
  it('takes the replaced token for a lost answer while the grace lasts, and both that come of it', async () => {
    const first = await signIn();
    const lost = (await refreshV2(first)).body.result as V2Tokens;
    const again = await refreshV2(first);
    expect(again.status).toBe(200);
    expect((await refreshV2(lost)).status).toBe(200);
  });

  it('lets several threads refresh at once', async () => {
    const first = await signIn();
    const replies = await Promise.all([1, 2, 3, 4].map(() => refreshV2(first)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  it('ends the sign-in when a token is used again after the grace, and says so in the audit', async () => {
    const first = await signIn();
    const second = (await refreshV2(first)).body.result as V2Tokens;
    await passGrace(first);
    const thief = await refreshV2(first);
    expect(thief.status).toBe(401);
    expect(errorOf(thief)).toMatchObject({ code: 978001, reason: 'refresh_token_used' });
    expect(await userInfo(second.accessToken)).toBe(401);
    expect(errorOf(await refreshV2(second))).toMatchObject({ reason: 'refresh_token_invalid' });
    expect(await audit('token.refresh')).toContainEqual({
      action: 'token.refresh',
      outcome: 'refused',
      reason: 'refresh_token_used',
    });
    expect((await refreshV2(await signIn())).status).toBe(200);
  });
});

describe('rules afresh at refresh', () => {
  it('M15: refuses while no role has API Access', async () => {
    const tokens = await signIn();
    const role = (apiAccess: boolean) =>
      request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, {
        token: tenant.admin,
        body: { apiAccess },
      });
    await role(false);
    const refused = await refreshV2(tokens);
    await role(true);
    expect(refused.status).toBe(403);
    expect(errorOf(refused)).toMatchObject({ reason: 'role_without_api_access' });
    expect((await refreshV2(tokens)).status).toBe(200);
  });

  it('M18: refuses after a deactivation, for good', async () => {
    const account = await newApiAccount(tenant);
    const tokens = await authenticate(tenant.name, account.userName, PASSWORD);
    const active = (isActive: boolean) =>
      request('PATCH', `/v2/hr/employees/${account.id}`, { token: tenant.admin, body: { isActive } });
    await active(false);
    await active(true);
    expect((await refreshV2(tokens)).status).toBe(401);
  });

  it('M2: refuses people once the company requires a second factor', async () => {
    const strict = await newTenant();
    const tokens = await authenticate(strict.name, 'alice', PASSWORD);
    await request('PATCH', '/v2/admin/mycompany', {
      token: strict.admin,
      body: { requireMfaForNonSsoUsers: true },
    });
    expect(errorOf(await refreshV2(tokens))).toMatchObject({ reason: 'mfa_required' });
  });
});

test('whoever ends a sign-in by its first access token ends those got by refreshing, and no other sign-in (M18)', async () => {
  const [mine, other] = [await signIn(), await signIn()];
  const refreshed = (await refreshV2(mine)).body.result as V2Tokens;
  expect(await userInfo(refreshed.accessToken)).toBe(200);
  const credentials = { user: `${tenant.name}\\${bot.userName}`, password: PASSWORD };
  expect((await postForm('/oauth2/revoke', { token: mine.accessToken }, credentials)).status).toBe(200);
  expect(await userInfo(refreshed.accessToken)).toBe(401);
  expect(await userInfo(other.accessToken)).toBe(200);
});

test('a refreshed token that Cognito ties to no sign-in is not handed out: nothing could end it (M18)', async () => {
  const { USER_POOL_ID: poolId, API_CLIENT_ID: apiClientId } = useStackEnvironment();
  const pool = openUserPool({ poolId, apiClientId });
  const [mine, other] = [await signIn(), await signIn()];
  aroundCalls(pool.client, async ({ operation }, next) => {
    const answer = (await next()) as { AuthenticationResult?: object };
    if (operation !== 'GetTokensFromRefreshToken') return answer;
    return { AuthenticationResult: { ...answer.AuthenticationResult, AccessToken: other.accessToken } };
  });
  const presented = { refreshToken: mine.refreshToken, belongs: () => true };
  const origin = { network: '192.0.2.1', sourceAddress: '192.0.2.1', userAgent: 'test', correlationId: 'x' };
  await expect(refreshTokens({ table, pool }, presented, { origin, now: new Date() })).rejects.toThrow(
    'sign-in',
  );
});
