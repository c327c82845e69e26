import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { cognitoClient } from '../../shared/aws/cognito.ts';
import { licencesKey, tenantKey, tenantPartition } from '../../shared/store/keys.ts';
import { openTable, type Table, toAttributes } from '../../shared/store/table.ts';
import { removeItems } from '../../shared/store/tenant-removal.ts';
import { readTenant } from '../../shared/store/tenants.ts';
import { useStackEnvironment } from '../support/environment.ts';
import {
  fetchToken,
  newApiAccount,
  newEmployee,
  newTenant,
  operatorRequest,
  PASSWORD,
  ROLES,
  request,
  stack,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

let table: Table;
beforeAll(() => {
  table = openTable(useStackEnvironment().TABLE_NAME);
});

const at = (tenant: { name: string }, rest = '') => `/v2/platform/tenants/${tenant.name}${rest}`;
const suspend = (tenant: Tenant) => operatorRequest('POST', at(tenant, '/suspend'));
const resume = (tenant: Tenant) => operatorRequest('POST', at(tenant, '/resume'));
const remove = (tenant: Tenant, confirm = tenant.name) =>
  operatorRequest('DELETE', at(tenant, `?Confirm=${confirm}`));

describe('the licence count', () => {
  it('M10 is changed, and refused below the count in use with the figures', async () => {
    const tenant = await newTenant({ licences: 5 });
    await newEmployee(tenant, { userType: 'Employee' });
    expect(await operatorRequest('PATCH', at(tenant), { licences: 1 })).toMatchObject({
      status: 409,
      error: {
        reason: 'licences_below_use',
        message: expect.stringContaining('2 licences are in use'),
        subErrors: ['licences must be at least 2'],
      },
    });
    expect((await operatorRequest('PATCH', at(tenant), { licences: 2 })).result).toMatchObject({
      licences: { total: 2, used: 2, available: 0 },
    });
    const log = await request('GET', '/v2/admin/security/auditlog?Filter.Action=tenant.licences', {
      token: tenant.admin,
    });
    expect(log.result).toMatchObject([
      { actor: { kind: 'operator' }, changes: { licences: { before: 5, after: 2 } } },
    ]);
  });

  it('R3 never ends below the count in use, however many employees are created meanwhile', async () => {
    expect(await naiveRace()).toBe(true);
    const tenant = await newTenant({ licences: 20 });
    await Promise.all([
      ...Array.from({ length: 15 }, (_, index) =>
        request('POST', '/v2/hr/employees', {
          token: tenant.admin,
          body: { userName: `p${index}`, userType: 'Employee', firstName: 'P', lastName: 'N' },
        }),
      ),
      ...[4, 6, 8, 10].map((licences) => operatorRequest('PATCH', at(tenant), { licences })),
    ]);
    const { licences } = (await operatorRequest('GET', at(tenant))).result as {
      licences: { total: number; used: number };
    };
    expect(licences.used).toBeLessThanOrEqual(licences.total);
  });

  /** What reading the count and then writing the total would do: an employee slips in between. */
  async function naiveRace(): Promise<boolean> {
    const tenant = await newTenant({ licences: 3 });
    const { licences } = (await operatorRequest('GET', at(tenant))).result as { licences: { used: number } };
    await newEmployee(tenant, { userType: 'Employee' });
    await table.client.call('UpdateItem', {
      TableName: table.name,
      Key: toAttributes(licencesKey(tenant.name)),
      UpdateExpression: 'SET #total = :total',
      ExpressionAttributeNames: { '#total': 'total' },
      ExpressionAttributeValues: { ':total': { N: String(licences.used) } },
    });
    const after = (await operatorRequest('GET', at(tenant))).result as {
      licences: { total: number; used: number };
    };
    return after.licences.used > after.licences.total;
  }
});

describe('M18 a suspended tenant', () => {
  it('has no good token on the next call, and is told so only after the right password', async () => {
    const tenant = await newTenant();
    const bot = await newApiAccount(tenant);
    const token = await tokenFor(bot.user, PASSWORD);
    const info = (bearer: string) => request('GET', '/v2/security/userinfo', { token: bearer });
    expect((await suspend(tenant)).result).toMatchObject({ isActive: false });
    expect(await info(token)).toMatchObject({ status: 401, error: { code: 978001, reason: 'token_dead' } });
    expect((await info(tenant.admin)).status).toBe(401);
    expect(await fetchToken(bot.user, PASSWORD)).toMatchObject({ status: 400, reason: 'tenant_suspended' });
    expect(await fetchToken(bot.user, 'not its password at all')).toMatchObject({
      reason: 'credentials_wrong',
    });
    expect((await suspend(tenant)).status).toBe(200);

    expect((await resume(tenant)).result).toMatchObject({ isActive: true });
    const ended = await info(token);
    expect(ended).toMatchObject({ status: 401, error: { reason: 'token_dead' } });
    expect(ended.error?.message).toMatch(/ a suspension of the company\. Fetch a new one\.$/);
    const fresh = await tokenFor(bot.user, PASSWORD);
    expect((await info(fresh)).status).toBe(200);
    const log = await request('GET', '/v2/admin/security/auditlog?Filter.Actor=operator', {
      token: await tokenFor(tenant.adminUser, PASSWORD),
    });
    const actions = (log.result as { action: string }[]).map(({ action }) => action);
    expect(actions.slice(0, 2)).toEqual(['tenant.resume', 'tenant.suspend']);
    // Two records of one transaction, and so of one instant.
    expect(actions.slice(2).sort()).toEqual(['employee.create', 'tenant.create']);
  });

  it('does not bring to life what a sign-in under way was given meanwhile', async () => {
    const tenant = await newTenant();
    const bot = await newApiAccount(tenant);
    for (let round = 0; round < 4; round += 1) {
      // The sign-in reads the company just before the suspension; Cognito dates the token into the next second.
      await new Promise((resolve) => setTimeout(resolve, 1985 - (Date.now() % 1000)));
      const issuing = fetchToken(bot.user, PASSWORD);
      await new Promise((resolve) => setTimeout(resolve, 2));
      await suspend(tenant);
      const { access_token: token } = await issuing;
      await resume(tenant);
      if (token === undefined) continue;
      expect((await request('GET', '/v2/security/userinfo', { token })).status).toBe(401);
    }
    const { tenant: item } = await readTenant(table, tenant.name);
    const resumed = await request('GET', '/v2/admin/security/auditlog?Filter.Action=tenant.resume', {
      token: await tokenFor(tenant.adminUser, PASSWORD),
    });
    const [{ at = '' } = {}] = resumed.result as { at?: string }[];
    expect(item?.tokensValidAfter).toBe(Math.floor(Date.parse(at) / 1000));
  });

  it('is told as such to whoever holds a token', async () => {
    const tenant = await newTenant();
    await suspend(tenant);
    const info = await request('GET', '/v2/security/userinfo', { token: tenant.admin });
    expect(info.error?.message).toContain('the company is suspended');
  });

  it('leaves every other tenant alone (M16)', async () => {
    const [one, other] = [await newTenant(), await newTenant()];
    await suspend(one);
    expect((await request('GET', '/v2/security/userinfo', { token: other.admin })).status).toBe(200);
  });
});

describe('deleting a tenant', () => {
  it('needs it suspended, and its name once more', async () => {
    const tenant = await newTenant();
    expect((await remove(tenant)).error?.reason).toBe('tenant_not_suspended');
    await suspend(tenant);
    expect((await remove(tenant, 'another')).error?.reason).toBe('tenant_name_not_repeated');
    expect((await operatorRequest('DELETE', at(tenant))).error?.reason).toBe('invalid_fields');
    expect((await operatorRequest('GET', at(tenant))).result).toMatchObject({
      isBeingDeleted: false,
      employees: 1,
    });
  });

  it('removes all its items and disables its passwords; its audit stays, for nobody else', async () => {
    const tenant = await newTenant({ company: `Short Lived ${Date.now()}` });
    const bot = await newApiAccount(tenant);
    for (let index = 0; index < 15; index += 1) await newEmployee(tenant, { securityRoleIds: [ROLES.user] });
    await suspend(tenant);
    const cognitoUser = await cognitoUserOf(tenant, bot.id);
    expect(await remove(tenant)).toMatchObject({ status: 200, result: { tenant: tenant.name, done: true } });
    expect(await itemsOf(tenantPartition(tenant.name))).toEqual([]);
    expect((await operatorRequest('GET', at(tenant))).error?.reason).toBe('tenant_unknown');
    expect((await fetchToken(bot.user, PASSWORD)).reason).toBe('credentials_wrong');
    await expect.poll(() => isEnabled(cognitoUser), { timeout: 15_000 }).toBe(false);
    const month = new Date().toISOString().slice(0, 7);
    expect((await itemsOf(`AUDIT#${tenant.name}#${month}`)).length).toBeGreaterThan(17);

    // A new company of the same name begins with an audit of its own (M16).
    const again = await newTenant({ company: tenant.name });
    const log = await request('GET', '/v2/admin/security/auditlog?PageSize=500', { token: again.admin });
    expect((log.result as { action: string }[]).at(-1)?.action).toMatch(/^(tenant|employee)\.create$/);
    expect(JSON.stringify(log.result)).not.toContain(String(bot.id));
  });

  it('leaves no import to a new company of the same name (M16)', async () => {
    const tenant = await newTenant({ company: `Imported ${Date.now()}` });
    const importId = randomUUID();
    const imported = (of: Tenant, userName: string) =>
      request('POST', `/v2/hr/employees/import?ImportId=${importId}`, {
        token: of.admin,
        body: `userName,userType,firstName,lastName\r\n${userName},API Employee,Im,Port`,
        headers: { 'content-type': 'text/csv' },
      });
    expect((await imported(tenant, 'of-the-old')).result).toMatchObject({ state: 'finished' });
    await suspend(tenant);
    expect((await remove(tenant)).result).toMatchObject({ done: true });
    const again = await newTenant({ company: tenant.name });
    const seen = await request('GET', `/v2/hr/employees/import/${importId}`, { token: again.admin });
    expect(seen.error?.reason).toBe('import_unknown');
    expect((await imported(again, 'of-the-new')).result).toMatchObject({ state: 'finished', done: 1 });
  });

  it('goes on where it was interrupted, and cannot be taken back', async () => {
    const tenant = await newTenant();
    for (let index = 0; index < 12; index += 1) await newEmployee(tenant);
    await suspend(tenant);
    // As a call does that is cut off after its first batch.
    await table.client.call('UpdateItem', {
      TableName: table.name,
      Key: toAttributes(tenantKey(tenant.name)),
      UpdateExpression: 'SET deletingOn = :on',
      ExpressionAttributeValues: { ':on': { S: new Date().toISOString() } },
    });
    expect(await removeItems(table, tenant.name, 1, new Date())).toEqual({ removed: 19, left: true });
    expect((await resume(tenant)).error?.reason).toBe('tenant_being_deleted');
    expect((await operatorRequest('PATCH', at(tenant), { licences: 9 })).error?.reason).toBe(
      'tenant_being_deleted',
    );
    expect((await remove(tenant)).result).toMatchObject({ done: true });
    expect(await itemsOf(tenantPartition(tenant.name))).toEqual([]);
  });

  it('removes nothing of a tenant that nobody asked to delete', async () => {
    const tenant = await newTenant();
    const before = await itemsOf(tenantPartition(tenant.name));
    expect(await removeItems(table, tenant.name, 9, new Date())).toEqual({ removed: 0, left: true });
    expect(await itemsOf(tenantPartition(tenant.name))).toEqual(before);
  });
});

test.each([
  ['PATCH', '', { licences: 5 }],
  ['POST', '/suspend', undefined],
  ['POST', '/resume', undefined],
  ['DELETE', '?Confirm=no-such-tenant', undefined],
])('%s %s of an unknown tenant is 404', async (method, rest, body) => {
  const reply = await operatorRequest(method, at({ name: 'no-such-tenant' }, rest), body);
  expect(reply).toMatchObject({ status: 404, error: { reason: 'tenant_unknown' } });
});

test.each(['PATCH', 'DELETE'])('%s without a signature is refused by API Gateway', async (method) => {
  const response = await fetch(`${stack.url}${at({ name: 'x' })}`, { method });
  expect(response.status).toBe(403);
});

describe('the Idempotency-Key of an operator', () => {
  const company = () => `Keyed ${randomUUID().slice(0, 8)}`;
  const bodyOf = (name: string) => ({
    company: name,
    licences: 3,
    administrator: {
      userName: 'ada',
      firstName: 'A',
      lastName: 'B',
      emailAddress: `${randomUUID()}@ada.example`,
    },
  });
  const create = (body: unknown, key: string) =>
    operatorRequest('POST', '/v2/platform/tenants', body, { 'idempotency-key': key });

  it('R8 sent 50 times at once makes one company and one mail, and 50 answers alike', async () => {
    const body = bodyOf(company());
    const key = randomUUID();
    const replies = await Promise.all(Array.from({ length: 50 }, () => create(body, key)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(replies.map(({ result }) => JSON.stringify(result))).size).toBe(1);
    expect((await create({ ...body, licences: 4 }, key)).error?.reason).toBe('idempotency_key_reused');
    // Without one, the second is told that the first was there: the test can fail.
    expect((await operatorRequest('POST', '/v2/platform/tenants', body)).error?.reason).toBe('company_taken');
    expect((await create(bodyOf(company()), 'a key with spaces')).error?.reason).toBe('invalid_fields');
  });

  it('a repeated suspension leaves a company alone that was resumed since', async () => {
    const tenant = await newTenant();
    const headers = { 'idempotency-key': randomUUID() };
    const first = await operatorRequest('POST', at(tenant, '/suspend'), undefined, headers);
    await resume(tenant);
    const again = await operatorRequest('POST', at(tenant, '/suspend'), undefined, headers);
    expect(again.result).toEqual(first.result);
    expect((await operatorRequest('GET', at(tenant))).result).toMatchObject({ isActive: true });
    // The same key on another company's path is another request.
    const other = await newTenant();
    expect((await operatorRequest('POST', at(other, '/suspend'), undefined, headers)).status).toBe(422);
  });
});

it('M17 what is refused to an operator stands in the audit of the company that the path names', async () => {
  const tenant = await newTenant({ licences: 5 });
  expect((await operatorRequest('PATCH', at(tenant), { licences: 0 })).status).toBe(400);
  expect((await remove(tenant)).status).toBe(409);
  const keyed = { 'idempotency-key': 'a key with spaces' };
  expect((await operatorRequest('POST', at(tenant, '/suspend'), undefined, keyed)).status).toBe(400);
  // Looking changes nothing, and needs no record.
  await operatorRequest('GET', at(tenant, '?x=1'));
  const log = await request(
    'GET',
    '/v2/admin/security/auditlog?Filter.Actor=operator&Filter.Outcome=refused',
    {
      token: tenant.admin,
    },
  );
  expect(log.result).toMatchObject([
    { action: 'request.refused', reason: 'invalid_fields', details: { operation: 'suspendTenant' } },
    { action: 'request.refused', reason: 'tenant_not_suspended', details: { operation: 'deleteTenant' } },
    { action: 'request.refused', reason: 'invalid_fields', details: { operation: 'updateTenant' } },
  ]);
});

async function itemsOf(partition: string) {
  const { Items = [] } = await table.client.call('Query', {
    TableName: table.name,
    KeyConditionExpression: 'PK = :pk',
    ExpressionAttributeValues: { ':pk': { S: partition } },
    ConsistentRead: true,
  });
  return Items;
}

async function cognitoUserOf(tenant: Tenant, id: number): Promise<string> {
  const employee = (await itemsOf(tenantPartition(tenant.name))).find(
    (item) => item.SK?.S === `EMPLOYEE#${id}`,
  );
  return `${tenant.name}.${id}.${employee?.generation?.S}`;
}

async function isEnabled(Username: string): Promise<boolean | undefined> {
  const client = cognitoClient({ maxAttempts: 1 });
  const { Enabled } = await client.call('AdminGetUser', { UserPoolId: stack.userPool.poolId, Username });
  return Enabled;
}
