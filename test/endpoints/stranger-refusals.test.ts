import { beforeAll, describe, expect, it, test } from 'vitest';
import { basic } from '../../infra/local/clients.ts';
import { tenantKey } from '../../shared/store/keys.ts';
import { openTable, transact } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import {
  newApiAccount,
  newTenant,
  PASSWORD,
  request,
  stack,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

type Row = { action: string; outcome: string; reason: string; count: number; employeeId: number | null };

let tenant: Tenant;
let bot: { id: number; user: string };
let dead: string;
beforeAll(async () => {
  tenant = await newTenant();
  bot = await newApiAccount(tenant);
  dead = await tokenFor(bot.user, PASSWORD);
  const revoked = await request('POST', `/v2/hr/employees/${bot.id}/revoke`, { token: tenant.admin });
  expect(revoked.status).toBe(200);
});

const found = async (query: string, of = tenant) => {
  const reply = await request('GET', `/v2/admin/security/auditlog?PageSize=500&${query}`, {
    token: of.admin,
  });
  return reply.result as Row[];
};

type Sent = { path: string; headers?: Record<string, string>; form?: Record<string, string> };
async function send({ path, headers = {}, form }: Sent): Promise<{ id: string; body: string }> {
  const reply = await fetch(`${stack.url}${path}`, {
    method: form === undefined ? 'GET' : 'POST',
    headers: {
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      ...headers,
    },
    ...(form === undefined ? {} : { body: new URLSearchParams(form).toString() }),
  });
  expect(reply.status).toBeGreaterThanOrEqual(400);
  return { id: reply.headers.get('x-correlation-id') ?? '', body: await reply.text() };
}

const client = () => ({ authorization: basic(`${tenant.name}\\nobody`, 'typed-secret') });
const pairOf = (pair: string) => ({
  authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
});
const grant = { grant_type: 'client_credentials' };

describe('M17: a refusal before it is known who calls is in the log of the company that was named', () => {
  test.each<[string, () => Sent, Partial<Row>]>([
    [
      'no password',
      () => ({
        path: '/oauth2/token',
        form: { ...grant, client_id: `${tenant.name}\\typed-name`, client_secret: '' },
      }),
      { reason: 'credentials_malformed' },
    ],
    [
      'Basic with an empty password',
      () => ({ path: '/oauth2/token', headers: pairOf(`${tenant.name}\\typed-name:`), form: grant }),
      { reason: 'credentials_malformed' },
    ],
    [
      'Basic without a colon, the company in capitals',
      () => ({
        path: '/oauth2/token',
        headers: pairOf(`${tenant.name.toUpperCase()}\\typed-name`),
        form: grant,
      }),
      { reason: 'credentials_malformed' },
    ],
    [
      'form-encoded Basic that cannot be decoded',
      () => ({ path: '/oauth2/token', headers: pairOf(`${tenant.name}%5Ctyped:%zz`), form: grant }),
      { reason: 'credentials_malformed' },
    ],
    [
      'no grant type',
      () => ({ path: '/oauth2/token', headers: client(), form: {} }),
      { reason: 'grant_type_missing' },
    ],
    [
      'an unknown grant type',
      () => ({ path: '/oauth2/token', headers: client(), form: { grant_type: 'typed-secret' } }),
      { reason: 'grant_type_unsupported' },
    ],
    [
      'fields of authenticate that are missing',
      () => ({
        path: '/v2/security/authenticate',
        form: { GrantType: 'password', Tenant: tenant.name, Password: 'typed-secret' },
      }),
      { reason: 'invalid_fields' },
    ],
    [
      'fields of V1 that are missing',
      () => ({ path: '/api/token', form: { grant_type: 'password', tenant: tenant.name } }),
      { reason: 'invalid_fields' },
    ],
    [
      'Basic where a token is due',
      () => ({ path: '/v2/security/userinfo', headers: client() }),
      { reason: 'basic_instead_of_token' },
    ],
    [
      'a token that was revoked',
      () => ({ path: '/v2/security/userinfo', headers: { authorization: `Bearer ${dead}` } }),
      { reason: 'token_dead', employeeId: 0 },
    ],
    [
      'a token that was revoked, at HR',
      () => ({ path: '/v2/hr/employees', headers: { authorization: `Bearer ${dead}` } }),
      { reason: 'token_dead', employeeId: 0 },
    ],
    [
      'a token that was revoked, at introspection',
      () => ({
        path: '/oauth2/introspect',
        headers: { authorization: `Bearer ${dead}` },
        form: { token: dead },
      }),
      { reason: 'token_dead', employeeId: 0 },
    ],
  ])('%s', async (_, sent, row) => {
    const { id } = await send(sent());
    const rows = await found(`Filter.CorrelationId=${encodeURIComponent(id)}`);
    const employeeId = row.employeeId === undefined ? null : bot.id;
    expect(rows).toMatchObject([{ ...row, action: 'request.refused', outcome: 'refused', employeeId }]);
    expect(JSON.stringify(rows)).not.toMatch(/typed-(?:secret|name)/);
  });

  it('and in no other', async () => {
    const other = await newTenant();
    const { id } = await send({ path: '/oauth2/token', headers: client(), form: {} });
    expect(await found(`Filter.CorrelationId=${encodeURIComponent(id)}`, other)).toEqual([]);
    expect(await found(`Filter.CorrelationId=${encodeURIComponent(id)}`)).toHaveLength(1);
  });

  it('a token that is not ours names no company', async () => {
    const [head, payload = '', seal = ''] = dead.split('.');
    const forged = [head, payload, seal.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'))].join('.');
    const { id } = await send({
      path: '/v2/security/userinfo',
      headers: { authorization: `Bearer ${forged}` },
    });
    expect(id).not.toBe('');
    expect(await found(`Filter.CorrelationId=${encodeURIComponent(id)}`)).toEqual([]);
  });

  it('a flood is counted, not told one by one', async () => {
    const flooded = await newTenant();
    const authorization = basic(`${flooded.name}\\nobody`, 'typed-secret');
    const FLOOD = 75;
    for (let sent = 0; sent < FLOOD; sent += 15) {
      const burst = Array.from({ length: 15 }, () =>
        send({ path: '/oauth2/token', headers: { authorization }, form: {} }),
      );
      await Promise.all(burst);
    }
    const rows = await found('Filter.Action=request', flooded);
    // One more where the minute, or the hour, ended on the way.
    expect(rows.length).toBeLessThanOrEqual(62);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(FLOOD);
  });
});

/** Counts stand at the beginning of their minute, in which the company was not there yet. */
async function makeOlder({ name }: Tenant): Promise<void> {
  const values = { ':on': new Date(Date.now() - 120_000).toISOString() };
  await transact(openTable(useStackEnvironment().TABLE_NAME), [
    {
      update: tenantKey(name),
      set: { expression: 'SET #createdOn = :on', names: { '#createdOn': 'createdOn' }, values },
    },
  ]);
}

test('S7: mails that strangers ask for in vain are counted in the log, not told one by one', async () => {
  const flooded = await newTenant();
  await makeOlder(flooded);
  const FLOOD = 40;
  for (let sent = 0; sent < FLOOD; sent += 1) {
    const reply = await request('POST', '/v2/security/passwordreset', {
      body: { Tenant: flooded.name, UserName: 'somebody' },
    });
    expect(reply.status).toBe(200);
  }
  const rows = await found('Filter.Action=password.reset-request&Filter.Outcome=refused', flooded);
  // One more for each minute that ended on the way.
  expect(rows.length).toBeLessThanOrEqual(3);
  expect(rows[0]).toMatchObject({ reason: 'mails_exhausted', employeeId: null });
  const asked = await found('Filter.Action=password.reset-request', flooded);
  expect(asked.reduce((sum, { count }) => sum + count, 0)).toBe(FLOOD);
});

describe('M17: a refusal to a client that did prove who it is names it', () => {
  const caller = () => ({ authorization: basic(other.user, PASSWORD) });
  let other: { id: number; user: string };
  beforeAll(async () => {
    other = await newApiAccount(tenant);
  });

  it('where it asks about a token without the right to', async () => {
    const { id } = await send({ path: '/oauth2/introspect', headers: caller(), form: { token: 'x' } });
    const who = { actor: expect.objectContaining({ id: other.id }), employeeId: other.id };
    const record = { action: 'request.refused', reason: 'right_missing', ...who };
    expect(await found(`Filter.CorrelationId=${encodeURIComponent(id)}`)).toContainEqual(
      expect.objectContaining(record),
    );
  });

  test.each([
    ['a right that is missing', '/v2/admin/security/auditlog', 'right_missing', 'listAudit'],
    ['an id that is none', '/v2/hr/employees/x', 'invalid_fields', 'getEmployee'],
    ['somebody who is not there', '/v2/hr/employees/1', 'employee_unknown', 'getEmployee'],
  ])('where it only reads: %s', async (_, path, reason, operation) => {
    const { id } = await send({
      path,
      headers: { authorization: `Bearer ${await tokenFor(other.user, PASSWORD)}` },
    });
    expect(await found(`Filter.CorrelationId=${encodeURIComponent(id)}`)).toMatchObject([
      {
        action: 'request.refused',
        outcome: 'refused',
        reason,
        actor: { id: other.id },
        details: { operation },
      },
    ]);
  });

  it('and a flood of reads is counted, not told one by one, and hides nobody else', async () => {
    const flooded = await newTenant();
    const quiet = await newApiAccount(flooded);
    const headers = { authorization: `Bearer ${flooded.admin}` };
    const FLOOD = 75;
    for (let sent = 0; sent < FLOOD; sent += 15) {
      await Promise.all(Array.from({ length: 15 }, () => send({ path: '/v2/hr/employees/1', headers })));
    }
    const rows = await found('Filter.Action=request', flooded);
    // One more where the minute, or the hour, ended on the way.
    expect(rows.length).toBeLessThanOrEqual(62);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(FLOOD);
    const authorization = `Bearer ${await tokenFor(quiet.user, PASSWORD)}`;
    const { id } = await send({ path: '/v2/hr/employees/1', headers: { authorization } });
    expect(await found(`Filter.CorrelationId=${encodeURIComponent(id)}`, flooded)).toHaveLength(1);
  });

  it("where it would end somebody else's token, in that account's log", async () => {
    const { id } = await send({ path: '/oauth2/revoke', headers: caller(), form: { token: tenant.admin } });
    const who = { actor: expect.objectContaining({ id: other.id }), employeeId: tenant.adminId };
    const record = { action: 'token.revoke', outcome: 'refused', reason: 'token_of_another', ...who };
    expect(await found(`Filter.CorrelationId=${encodeURIComponent(id)}`)).toContainEqual(
      expect.objectContaining(record),
    );
  });
});

test('an endless run of blanks in the header is read once', async () => {
  const { body } = await send({
    path: '/oauth2/token',
    headers: { authorization: `Basic a${' '.repeat(9000)}b` },
    form: grant,
  });
  expect(body).toContain('not Base64');
});
