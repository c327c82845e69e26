import { beforeAll, describe, expect, it, test } from 'vitest';
import { waitForMail } from '../../infra/local/clients.ts';
import { tenantKey } from '../../shared/store/keys.ts';
import { openTable, type Table, toAttributes } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import {
  fetchToken,
  newApiAccount,
  newEmployee,
  newTenant,
  PASSWORD,
  request,
  stack,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

let tenant: Tenant;
let table: Table;
beforeAll(async () => {
  table = openTable(useStackEnvironment().TABLE_NAME);
  tenant = await newTenant({ licences: 10 });
});

const get = () => request('GET', '/v2/admin/mycompany', { token: tenant.admin });
const patch = (body: unknown) => request('PATCH', '/v2/admin/mycompany', { token: tenant.admin, body });

it('M10 tells the licences in all, in use, and by user type', async () => {
  await newEmployee(tenant);
  await newEmployee(tenant, { userType: 'Employee' });
  await newEmployee(tenant, { userType: 'External Employee' });
  await newEmployee(tenant, { userType: 'External Employee', isActive: false });
  expect((await get()).result).toMatchObject({
    licences: {
      total: 10,
      used: 3,
      available: 7,
      byType: [
        { userType: 'Employee', active: 2, licences: 2 },
        { userType: 'External Employee', active: 1, licences: 1 },
        { userType: 'API Employee', active: 1, licences: 0 },
      ],
    },
  });
});

describe('lifetimes', () => {
  it('are standard until they are set, and leave a record with before and after', async () => {
    expect((await get()).result).toMatchObject({
      accessTokenMinutes: 60,
      refreshTokenDays: 30,
      ownerLinkMinutes: 30,
      adminLinkHours: 24,
    });
    expect((await patch({ accessTokenMinutes: 15 })).result).toMatchObject({
      accessTokenMinutes: 15,
      refreshTokenDays: 30,
    });
    expect((await patch({ accessTokenMinutes: 20, adminLinkHours: 2 })).status).toBe(200);
    const log = await request('GET', '/v2/admin/security/auditlog?Filter.Action=company.update&PageSize=1', {
      token: tenant.admin,
    });
    expect(log.result).toMatchObject([
      {
        changes: {
          accessTokenMinutes: { before: 15, after: 20 },
          adminLinkHours: { before: null, after: 2 },
        },
      },
    ]);
  });

  test.each([
    [{ accessTokenMinutes: 4 }, 'accessTokenMinutes must be at least 5'],
    [{ accessTokenMinutes: 61 }, 'accessTokenMinutes must be at most 60'],
    [{ refreshTokenDays: 31 }, 'refreshTokenDays must be at most 30'],
    [{ ownerLinkMinutes: 61 }, 'ownerLinkMinutes must be at most 60'],
    [{ adminLinkHours: 73 }, 'adminLinkHours must be at most 72'],
    [{ adminLinkHours: 1.5 }, 'adminLinkHours must be a whole number'],
  ])('refuse %j', async (body, problem) => {
    expect((await patch(body)).error?.subErrors).toEqual([problem]);
  });

  it('of tokens are told, and kept on the next call (M18)', async () => {
    const other = await newTenant();
    const bot = await newApiAccount(other);
    await request('PATCH', '/v2/admin/mycompany', {
      token: other.admin,
      body: { accessTokenMinutes: 5, refreshTokenDays: 2 },
    });
    expect(await fetchToken(bot.user, PASSWORD)).toMatchObject({ expires_in: 300 });
    const began = Date.now();
    const signedIn = await request('POST', '/v2/security/authenticate', {
      body: new URLSearchParams({
        GrantType: 'password',
        UserName: bot.userName,
        Password: PASSWORD,
        Tenant: other.name,
      }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const times = signedIn.result as { accessTokenExpireOn: string; refreshTokenExpireOn: string };
    expect(Math.round((Date.parse(times.accessTokenExpireOn) - began) / 60_000)).toBe(5);
    expect(Math.round((Date.parse(times.refreshTokenExpireOn) - began) / 3_600_000)).toBe(48);

    const token = await tokenFor(bot.user, PASSWORD);
    const info = () => request('GET', '/v2/security/userinfo', { token });
    expect((await info()).status).toBe(200);
    // Below what the API allows, so that the test need not wait for it.
    await table.client.call('UpdateItem', {
      TableName: table.name,
      Key: toAttributes(tenantKey(other.name)),
      UpdateExpression: 'SET accessTokenMinutes = :none',
      ExpressionAttributeValues: { ':none': { N: '0' } },
    });
    expect(await info()).toMatchObject({ status: 401, error: { reason: 'token_invalid' } });
  });

  it('of links are told in the reply and in the mail', async () => {
    await patch({ adminLinkHours: 3 });
    const employee = await newEmployee(tenant);
    const reply = await request('POST', `/v2/hr/employees/${employee.id}/resetinstructions`, {
      token: tenant.admin,
    });
    expect(reply.result).toMatchObject({ linkValidMinutes: 180 });
    expect((await waitForMail(stack.inboxUrl, { to: employee.emailAddress })).text).toContain('3 hours');
  });
});
