import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { readInbox } from '../../infra/local/clients.ts';
import {
  choosePassword,
  mailedLink,
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

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 40 });
});

const bodyOf = (userName: string) => ({
  userName,
  userType: 'API Employee',
  firstName: 'Once',
  lastName: 'Only',
});
const create = (userName: string, key?: string, token = tenant.admin) =>
  request('POST', '/v2/hr/employees', {
    token,
    body: bodyOf(userName),
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
  });
async function total(): Promise<number> {
  const list = await request('GET', '/v2/hr/employees?PageSize=1', { token: tenant.admin });
  return list.totalRecords ?? -1;
}
const bare = ({ headers, ...reply }: Awaited<ReturnType<typeof create>>) => ({
  ...reply,
  etag: headers.get('etag'),
  type: headers.get('content-type'),
});

describe('R8', () => {
  it('one key sent 50 times at once: one employee, 50 identical answers', async () => {
    const before = await total();
    const key = randomUUID();
    const replies = await Promise.all(Array.from({ length: 50 }, () => create('only-once', key)));
    expect(replies[0]).toMatchObject({ status: 200, result: { userName: 'only-once' } });
    for (const reply of replies) expect(bare(reply)).toEqual(bare(replies[0] ?? reply));
    expect(await total()).toBe(before + 1);
    expect(bare(await create('only-once', key))).toEqual(bare(replies[0] ?? (await create('x'))));
  });

  it('without a key the same burst gets other answers: the test can fail', async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => create('many-times')));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 409]));
  });

  it('a stale If-Match is mended by reading again, so the key is free for the next try', async () => {
    const { id } = await newEmployee(tenant);
    const headers = { 'idempotency-key': randomUUID() };
    const deactivate = (etag: string) =>
      request('POST', `/v2/hr/employees/${id}/deactivate`, {
        token: tenant.admin,
        headers: { ...headers, 'if-match': etag },
      });
    expect(await deactivate('"99"')).toMatchObject({ status: 412, error: { reason: 'stale' } });
    const { headers: read } = await request('GET', `/v2/hr/employees/${id}`, { token: tenant.admin });
    const etag = read.get('etag') ?? '';
    expect(await deactivate(etag)).toMatchObject({ status: 200, result: { isActive: false } });
    // Done once: the answer that got lost is given again, although the version is another by now.
    expect(await deactivate(etag)).toMatchObject({ status: 200, result: { isActive: false } });
  });

  it('M17 a key that is refused leaves a record', async () => {
    const key = randomUUID();
    await create('keyed-once', key);
    await create('keyed-twice', key);
    const log = await request('GET', '/v2/admin/security/auditlog?Filter.Action=request.refused', {
      token: tenant.admin,
    });
    expect(log.result).toContainEqual(
      expect.objectContaining({
        reason: 'idempotency_key_reused',
        actor: expect.objectContaining({ id: tenant.adminId }),
        details: { operation: 'createEmployee' },
      }),
    );
  });

  it('the same key with another body is refused, and changes nothing', async () => {
    const key = randomUUID();
    expect((await create('first-body', key)).status).toBe(200);
    const before = await total();
    expect(await create('second-body', key)).toMatchObject({
      status: 422,
      error: { reason: 'idempotency_key_reused' },
    });
    expect(await total()).toBe(before);
  });
});

it('a refusal that lasts is answered again, word for word, though its cause is gone', async () => {
  const taken = await newEmployee(tenant, { userName: 'occupied' });
  const key = randomUUID();
  const refusal = await create('occupied', key);
  expect(refusal).toMatchObject({ status: 409, error: { reason: 'user_name_taken' } });
  await request('DELETE', `/v2/hr/employees/${taken.id}`, { token: tenant.admin });
  expect(bare(await create('occupied', key))).toEqual(bare(refusal));
  expect((await create('occupied', randomUUID())).status).toBe(200);
});

it('a body that was refused as wrong may be mended under its key', async () => {
  const key = randomUUID();
  expect((await create('not a name', key)).status).toBe(400);
  expect((await create('a-name', key)).status).toBe(200);
});

test.each([['with spaces in it'], ['x'.repeat(256)], ['']])('the key %j is refused', async (key) => {
  expect(await create('never', key)).toMatchObject({ status: 400, error: { reason: 'invalid_fields' } });
});

it('one key of two accounts, or of two companies, stands for two requests', async () => {
  const key = randomUUID();
  const other = await newTenant();
  await request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, {
    token: tenant.admin,
    body: { apiAccess: true, rights: { hr: ['view', 'modify'] } },
  });
  const account = await newApiAccount(tenant);
  const token = await tokenFor(account.user, account.password);
  const outcomes = [
    await create('mine', key),
    await create('yours', key, token),
    await create('mine', key, other.admin),
  ];
  expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(new Set(outcomes.map(({ result }) => (result as { id: number }).id)).size).toBe(3);
});

it('whoever lost the right gets no kept answer', async () => {
  const account = await newApiAccount(tenant);
  const token = await tokenFor(account.user, account.password);
  const key = randomUUID();
  expect((await create('before-revocation', key, token)).status).toBe(200);
  await request('POST', `/v2/hr/employees/${account.id}/revoke`, { token: tenant.admin });
  expect((await create('before-revocation', key, token)).status).toBe(401);
});

describe('other calls that change something', () => {
  it('send one mail for one key', async () => {
    const employee = await newEmployee(tenant);
    const headers = { 'idempotency-key': randomUUID() };
    const path = `/v2/hr/employees/${employee.id}/resetinstructions`;
    const replies = await Promise.all(
      Array.from({ length: 5 }, () => request('POST', path, { token: tenant.admin, headers })),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    await mailedLink(employee.emailAddress);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const mails = (await readInbox(stack.inboxUrl)).filter(({ to }) => to.includes(employee.emailAddress));
    expect(mails).toHaveLength(1);
  });

  it('are not repeated: a replayed activation leaves a deactivation alone', async () => {
    const { id } = await newEmployee(tenant, { userType: 'Employee', isActive: false });
    const headers = { 'idempotency-key': randomUUID() };
    const activate = () =>
      request('POST', `/v2/hr/employees/${id}/activate`, { token: tenant.admin, headers });
    const first = await activate();
    expect(first).toMatchObject({ status: 200, result: { isActive: true } });
    await request('POST', `/v2/hr/employees/${id}/deactivate`, { token: tenant.admin });
    expect(bare(await activate())).toEqual(bare(first));
    const now = await request('GET', `/v2/hr/employees/${id}`, { token: tenant.admin });
    expect(now.result).toMatchObject({ isActive: false });
  });

  it('under one key for another record are refused', async () => {
    const employees = [await newEmployee(tenant), await newEmployee(tenant)];
    const headers = { 'idempotency-key': randomUUID() };
    const statuses: number[] = [];
    for (const { id } of employees) {
      const reply = await request('POST', `/v2/hr/employees/${id}/revoke`, { token: tenant.admin, headers });
      statuses.push(reply.status);
    }
    expect(statuses).toEqual([200, 422]);
  });
});

describe('a change of rights counts on the very next call, kept replies or not (M18)', () => {
  const rightsOf = (hr: readonly string[]) =>
    request('PATCH', `/v2/admin/security/roles/${ROLES.user}`, {
      token: tenant.admin,
      body: { apiAccess: true, rights: { hr } },
    });
  async function clerk(): Promise<string> {
    await rightsOf(['view', 'modify']);
    const account = await newEmployee(tenant, { securityRoleIds: [ROLES.user], sendInstructions: true });
    await choosePassword(await mailedLink(account.emailAddress), PASSWORD);
    return tokenFor(`${tenant.name}\\${account.userName}`, PASSWORD);
  }

  it('when the right is lost', async () => {
    const [token, key] = [await clerk(), randomUUID()];
    expect((await create('kept-for-the-clerk', key, token)).status).toBe(200);
    await rightsOf(['view']);
    expect(await create('kept-for-the-clerk', key, token)).toMatchObject({
      status: 403,
      error: { reason: 'right_missing' },
      result: null,
    });
  });

  it('when the right is given after a refusal', async () => {
    const [token, key] = [await clerk(), randomUUID()];
    await rightsOf(['view']);
    expect((await create('too-early', key, token)).error?.reason).toBe('right_missing');
    await rightsOf(['view', 'modify']);
    expect((await create('too-early', key, token)).status).toBe(200);
  });

  it('when the reach is', async () => {
    const [token, key] = [await clerk(), randomUUID()];
    const above = await newEmployee(tenant, { securityRoleIds: [ROLES.administrator] });
    const revoke = () =>
      request('POST', `/v2/hr/employees/${above.id}/resetinstructions`, {
        token,
        headers: { 'idempotency-key': key },
      });
    expect((await revoke()).error?.reason).toBe('beyond_own_rights');
    const lowered = { token: tenant.admin, body: { securityRoleIds: [ROLES.user] } };
    expect((await request('PATCH', `/v2/hr/employees/${above.id}`, lowered)).status).toBe(200);
    expect((await revoke()).status).toBe(200);
  });
});
