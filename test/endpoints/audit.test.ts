import { beforeAll, describe, expect, it, test } from 'vitest';
import { openTable, type Table } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { authenticate, refreshV2 } from '../support/oauth.ts';
import {
  fetchToken,
  newApiAccount,
  newEmployee,
  newTenant,
  PASSWORD,
  request,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

const subjectOf = (kind: string, id: string) => ({ employeeId: null, subject: { kind, id } });

type Row = {
  id: string;
  at: string;
  action: string;
  outcome: string;
  reason: string | null;
  employeeId: number | null;
  actor: { kind: string; id: number | null };
  correlationId: string | null;
  userAgent: string | null;
  count: number;
  changes: Record<string, { before: unknown; after: unknown }>;
};

let tenant: Tenant;
let table: Table;
beforeAll(async () => {
  table = openTable(useStackEnvironment().TABLE_NAME);
  tenant = await newTenant();
});

const log = (query = '', token = tenant.admin) =>
  request('GET', `/v2/admin/security/auditlog${query}`, { token });
const rows = async (query = '') => (await log(query)).result as Row[];

/** Every row of a query, page by page. */
async function walk(query: string): Promise<Row[]> {
  const all: Row[] = [];
  let cursor: string | null = null;
  do {
    const page = await log(`?${query}${cursor ? `&Cursor=${cursor}` : ''}`);
    expect(page.error).toBeNull();
    all.push(...(page.result as Row[]));
    cursor = page.nextCursor ?? null;
  } while (cursor);
  return all;
}

describe('M17 the audit log', () => {
  it('tells who did what, newest first, with before and after', async () => {
    const employee = await newEmployee(tenant);
    await request('PATCH', `/v2/hr/employees/${employee.id}`, {
      token: tenant.admin,
      body: { jobTitle: 'Bridge' },
    });
    const all = await rows();
    expect(all.map(({ at }) => at)).toEqual(
      all
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    // What the system does stands between: the notice of the admin's own password goes out meanwhile.
    const [newest, ...older] = all.filter(({ action }) => action !== 'mail.password-changed');
    expect(newest).toMatchObject({
      action: 'employee.update',
      outcome: 'done',
      employeeId: employee.id,
      actor: { kind: 'employee', id: tenant.adminId, userType: 'Employee' },
      changes: { jobTitle: { before: null, after: 'Bridge' } },
      sourceAddress: '127.0.0.1',
    });
    expect(older.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'employee.create',
        'token.issue',
        'password.set',
        'mail.link',
        'tenant.create',
      ]),
    );
  });

  it('finds the refused token by the correlation id that its caller was told, with the reason', async () => {
    const bot = await newApiAccount(tenant);
    const refused = await fetchToken(bot.user, 'not the password of it');
    const correlationId = refused.headers.get('x-correlation-id') ?? '';
    expect(await rows(`?Filter.CorrelationId=${encodeURIComponent(correlationId)}`)).toMatchObject([
      {
        action: 'token.issue',
        outcome: 'refused',
        reason: 'credentials_wrong',
        employeeId: bot.id,
        correlationId,
      },
    ]);
  });

  it('tells of a refused change', async () => {
    const bot = await newEmployee(tenant);
    await request('PATCH', `/v2/hr/employees/${bot.id}`, {
      token: tenant.admin,
      body: { userType: 'Employee' },
    });
    expect((await rows('?Filter.Outcome=refused&Filter.Actor=employee'))[0]).toMatchObject({
      action: 'request.refused',
      reason: 'user_type_final',
      details: { operation: 'updateEmployee' },
    });
  });

  it('tells on whom a refused change was tried, in the log of that employee too', async () => {
    const bot = await newEmployee(tenant);
    const path = `/v2/hr/employees/${bot.id}`;
    await request('PATCH', path, { token: tenant.admin, body: { userType: 'Employee' } });
    const own = await request('GET', `${path}/auditlog?Filter.Outcome=refused`, { token: tenant.admin });
    expect(own.result).toMatchObject([
      { reason: 'user_type_final', employeeId: bot.id, actor: { id: tenant.adminId } },
    ]);
  });

  test.each<[string, string, string, object | undefined, object]>([
    ['a role', 'PATCH', '/v2/admin/security/roles/1', { apiAccess: false }, subjectOf('role', '1')],
    ['a role to be deleted', 'DELETE', '/v2/admin/security/roles/2', undefined, subjectOf('role', '2')],
    ['an employee that is not there', 'DELETE', '/v2/hr/employees/4711', undefined, { employeeId: 4711 }],
    ['an id that cannot be one', 'DELETE', '/v2/hr/employees/x', undefined, { employeeId: null }],
  ])('tells that the refused change was of %s', async (_, method, path, body, told) => {
    const tried = await request(method, path, { token: tenant.admin, body });
    expect(tried).toMatchObject({ success: false, status: expect.toSatisfy((status) => status < 500) });
    const correlationId = tried.headers.get('x-correlation-id') ?? '';
    expect(await rows(`?Filter.CorrelationId=${encodeURIComponent(correlationId)}`)).toMatchObject([
      { action: 'request.refused', ...told },
    ]);
  });

  it('tells of a refused change of the company that it was of the company', async () => {
    await request('PATCH', '/v2/admin/mycompany', { token: tenant.admin, body: { timeZone: 'Mars' } });
    expect(await rows(`?Filter.Subject=company:${tenant.name}&Filter.Outcome=refused`)).toMatchObject([
      { subject: { kind: 'company', id: tenant.name }, reason: 'invalid_fields' },
    ]);
  });

  it('an id of another company is a number of the own one, and tells that company nothing (M16)', async () => {
    const other = await newTenant();
    const bot = await newEmployee(other);
    const path = `/v2/hr/employees/${bot.id}`;
    await request('DELETE', path, { token: tenant.admin });
    expect(await rows(`?Filter.EmployeeId=${bot.id}`)).toMatchObject([{ reason: 'employee_unknown' }]);
    const theirs = await request('GET', `${path}/auditlog?Filter.Outcome=refused`, { token: other.admin });
    expect(theirs.result).toEqual([]);
  });

  it('tells every field of an employee that is created, and of one that is deleted', async () => {
    const fields = { jobTitle: 'Bridge', department: 'Operations', notes: 'Ask Ann', isSso: true };
    const { id, emailAddress } = await newEmployee(tenant, { ...fields, securityRoleIds: [5] });
    await request('DELETE', `/v2/hr/employees/${id}`, { token: tenant.admin });
    const [deleted, created] = await rows(`?Filter.EmployeeId=${id}`);
    const told = (which: 'before' | 'after', row: Row | undefined) =>
      Object.fromEntries(Object.entries(row?.changes ?? {}).map(([name, values]) => [name, values[which]]));
    const whole = {
      userName: expect.any(String),
      firstName: 'Billing',
      lastName: 'Bridge',
      emailAddress: 'withheld',
      jobTitle: 'Bridge',
      department: 'Operations',
      notes: 'Ask Ann',
      userType: 'API Employee',
      active: true,
      sso: true,
      roleIds: [5],
    };
    expect(told('after', created)).toEqual(whole);
    expect(told('before', deleted)).toEqual(whole);
    expect(JSON.stringify([deleted, created])).not.toContain(emailAddress);
  });

  it('tells of an import by its id, and every field of the rows', async () => {
    const csv = 'userName,userType,firstName,lastName,department\nrow-one,API Employee,Row,One,Imports';
    const reply = await request('POST', '/v2/hr/employees/import', {
      token: tenant.admin,
      body: csv,
      headers: { 'content-type': 'text/csv' },
    });
    const { importId } = reply.result as { importId: string };
    expect(await rows(`?Filter.Subject=import:${importId}`)).toMatchObject([{ action: 'employee.import' }]);
    expect((await rows('?Filter.Action=employee.create'))[0]).toMatchObject({
      changes: { firstName: { after: 'Row' }, department: { after: 'Imports' }, sso: { after: false } },
      details: { importId },
    });
  });

  it('tells who tried a change without the right to it', async () => {
    const bot = await newApiAccount(tenant);
    const token = await tokenFor(bot.user, PASSWORD);
    const tried = await request('PATCH', '/v2/admin/mycompany', { token, body: { company: 'Mine' } });
    expect(tried.error?.reason).toBe('right_missing');
    expect(await rows(`?Filter.Actor=${bot.id}&Filter.Action=request`)).toMatchObject([
      { reason: 'right_missing', outcome: 'refused', details: { operation: 'updateCompany' } },
    ]);
  });

  it('filters by actor, employee, action, outcome and time', async () => {
    const employee = await newEmployee(tenant);
    const all = await walk('PageSize=500');
    const same = async (query: string, fits: (row: Row) => boolean) => {
      const found = await walk(`${query}&PageSize=500&To=${all[0]?.at}`);
      expect(found).toEqual(all.filter((row) => row.at < (all[0]?.at ?? '') && fits(row)));
      return found.length;
    };
    expect(
      await same(`Filter.Actor=${tenant.adminId}`, (row) => row.actor.id === tenant.adminId),
    ).toBeGreaterThan(0);
    expect(await same('Filter.Action=mail', (row) => row.action.startsWith('mail.'))).toBeGreaterThan(0);
    expect(await same('Filter.Outcome=refused', (row) => row.outcome === 'refused')).toBeGreaterThan(0);
    const middle = all[Math.floor(all.length / 2)]?.at ?? '';
    expect(await same(`From=${middle}`, (row) => row.at >= middle)).toBeGreaterThan(0);
    await request('PATCH', '/v2/admin/security/roles/5', { token: tenant.admin, body: { apiAccess: true } });
    await request('PATCH', '/v2/admin/security/roles/6', { token: tenant.admin, body: { apiAccess: true } });
    expect(await walk('Filter.Subject=role:6')).toMatchObject([{ subject: { kind: 'role', id: '6' } }]);
    expect(await walk('Filter.Subject=Role:6&Filter.Outcome=refused')).toEqual([]);
    expect(await walk(`Filter.Subject=tenant:${tenant.name}`)).toMatchObject([{ action: 'tenant.create' }]);
    expect(await walk(`Filter.Subject=employee:${employee.id}`)).toEqual(
      await walk(`Filter.EmployeeId=${employee.id}`),
    );
    expect((await walk(`Filter.EmployeeId=${employee.id}`)).map(({ action }) => action)).toEqual([
      'employee.create',
    ]);
  });

  test.each(['Filter.Subject=5', 'Filter.Subject=shoe:5', 'Filter.Subject=employee:bob'])(
    'refuses %s, and says what a subject looks like',
    async (query) => {
      const problem = expect.stringMatching(/^Filter.Subject must be a kind and an id, such as role:5/);
      expect((await log(`?${query}`)).error?.subErrors).toEqual([problem]);
    },
  );

  test.each([
    'From=yesterday',
    'From=2026-02-30',
    'To=2026-04-31T10:00:00Z',
    'From=2026-11-03&To=2026-11-01',
    'Filter.Outcome=maybe',
    'Filter.Actor=bob',
    'Filter.Action=employee.creat',
    'Filter.Action=employe',
    'PageSize=0',
  ])('refuses %s', async (query) => {
    expect((await log(`?${query}`)).error).toMatchObject({ reason: 'invalid_fields' });
  });

  it('takes a day to its end, a time to that instant, and actions in any letter case', async () => {
    const [newest] = await rows('?PageSize=1');
    const day = newest?.at.slice(0, 10) ?? '';
    const today = `From=${day}&To=${day}`;
    expect((await rows(`?${today}&PageSize=1`)).length).toBe(1);
    expect((await rows(`?From=${day}&To=9999-12-31&PageSize=1`)).length).toBe(1);
    expect(await rows(`?From=${day}&To=${day}T00:00:00Z`)).toEqual([]);
    expect((await rows(`?${today}&Filter.Action=Employee.Create`)).length).toBeGreaterThan(0);
  });

  it('of one employee stands under HR > Employees, for the own company only', async () => {
    const employee = await newEmployee(tenant);
    const path = `/v2/hr/employees/${employee.id}/auditlog`;
    const own = await request('GET', path, { token: tenant.admin });
    expect(own.result).toMatchObject([{ action: 'employee.create', employeeId: employee.id }]);
    const other = await newTenant();
    expect(await request('GET', path, { token: other.admin })).toMatchObject({
      status: 404,
      error: { reason: 'employee_unknown' },
    });
    expect(JSON.stringify((await log('', other.admin)).result)).not.toContain(String(employee.id));
  });
});

describe('a flood', () => {
  it('costs one record for each network and minute once it is throttled, with the count', async () => {
    const bot = await newApiAccount(tenant);
    const unknown = `${tenant.name}\\nobody-${Date.now()}`;
    await Promise.all(
      [bot.user, unknown].flatMap((user) =>
        Array.from({ length: 30 }, () => fetchToken(user, 'a wrong guess at it')),
      ),
    );
    const throttled = (await walk('PageSize=500&Filter.Outcome=refused')).filter(
      ({ reason }) => reason === 'throttled',
    );
    const total = (of: Row[]) => of.reduce((sum, { count }) => sum + count, 0);
    const mine = throttled.filter(({ employeeId }) => employeeId === bot.id);
    expect(mine.length).toBeLessThanOrEqual(2);
    expect(total(mine)).toBe(26);
    const nobody = throttled.filter(({ employeeId }) => employeeId === null);
    expect(nobody.length).toBeLessThanOrEqual(2);
    expect(total(nobody)).toBe(26);
    // The employee's own log tells of it too.
    const own = (await walk(`Filter.EmployeeId=${bot.id}`)).filter(({ reason }) => reason === 'throttled');
    expect(total(own)).toBe(26);
  });
});

describe('last use', () => {
  it('stands on the employee', async () => {
    const bot = await newApiAccount(tenant);
    const path = `/v2/hr/employees/${bot.id}`;
    expect((await request('GET', path, { token: tenant.admin })).result).toMatchObject({
      lastSignIn: null,
      lastTokenAt: null,
    });
    const before = new Date().toISOString();
    const lastTokenAt = async () =>
      ((await request('GET', path, { token: tenant.admin })).result as { lastTokenAt: string }).lastTokenAt;
    const tokens = await authenticate(tenant.name, bot.userName, PASSWORD);
    const issued = await lastTokenAt();
    expect(issued >= before).toBe(true);
    expect((await refreshV2(tokens)).status).toBe(200);
    expect((await lastTokenAt()) > issued).toBe(true);
  });
});

it('no record holds a password or a token (S13)', async () => {
  const { Items = [] } = await table.client.call('Query', {
    TableName: table.name,
    KeyConditionExpression: 'PK = :pk',
    ExpressionAttributeValues: { ':pk': { S: `AUDIT#${tenant.name}#${day().slice(0, 7)}` } },
  });
  expect(Items.length).toBeGreaterThan(10);
  const text = JSON.stringify(Items);
  for (const secret of [PASSWORD, tenant.admin, 'a wrong guess at it', 'wrong wrong wrong']) {
    expect(text).not.toContain(secret);
  }
});

function day(): string {
  return new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
}
