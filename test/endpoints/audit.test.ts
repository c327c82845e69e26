import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { csvCell } from '../../functions/audit/lines.ts';
import { auditItem } from '../../shared/store/audit.ts';
import { readAudit } from '../../shared/store/audit-log.ts';
import { openTable, type Table, toAttributes } from '../../shared/store/table.ts';
import { countThrottled } from '../../shared/store/throttled.ts';
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
    const [newest, ...older] = await rows();
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
    expect(await rows(`?Filter.CorrelationId=${correlationId}`)).toMatchObject([
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
    expect((await walk(`Filter.EmployeeId=${employee.id}`)).map(({ action }) => action)).toEqual([
      'employee.create',
    ]);
  });

  test.each(['From=yesterday', 'Filter.Outcome=maybe', 'Filter.Actor=bob', 'Cursor=AAAA', 'PageSize=0'])(
    'refuses %s',
    async (query) => {
      expect((await log(`?${query}`)).error).toMatchObject({ reason: 'invalid_fields' });
    },
  );

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

/** A company's audit as it might stand: a few records in each of the months given. */
async function written(name: string, times: readonly string[]) {
  for (const at of times) {
    const item = auditItem({
      tenant: name,
      at: new Date(at),
      action: 'company.update',
      outcome: 'done',
      actor: { kind: 'system' },
    });
    await table.client.send(new PutItemCommand({ TableName: table.name, Item: toAttributes(item) }));
  }
}

describe('pages', () => {
  const times = [
    '2026-01-31T23:59:59.999Z',
    '2026-02-01T00:00:00.000Z',
    '2026-02-28T12:00:00.000Z',
    '2026-05-01T00:00:00.000Z',
    '2026-05-02T00:00:00.000Z',
  ];
  const name = `audit-${Date.now()}`;
  beforeAll(() => written(name, times));

  const pageOf = (before: string, size: number, matches?: () => boolean, from = '2026-01-01T00:00:00.000Z') =>
    readAudit(table, { tenant: name, employeeId: undefined, from, before, matches, size });

  test.each([1, 2, 3, 5, 9])(
    'of %i cross the months, empty ones too, and leave nothing out',
    async (size) => {
      const seen: string[] = [];
      let before: string | undefined = '2026-05-03T00:00:00.000Z';
      while (before !== undefined) {
        const page: Awaited<ReturnType<typeof readAudit>> = await pageOf(before, size);
        expect(page.entries.length).toBeLessThanOrEqual(size);
        seen.push(...page.entries.map(({ at }) => at));
        before = page.next;
      }
      expect(seen).toEqual(times.toReversed());
    },
  );

  it('read no more than the page, however much there is', async () => {
    const busy = `${name}-busy`;
    await written(
      busy,
      Array.from({ length: 60 }, (_, index) => `2026-04-01T00:00:${String(index).padStart(2, '0')}.000Z`),
    );
    let looked = 0;
    const counting = openTable(table.name);
    counting.client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        looked += (result.output as { ScannedCount?: number }).ScannedCount ?? 0;
        return result;
      },
      { step: 'initialize' },
    );
    const page = await readAudit(counting, {
      tenant: busy,
      employeeId: undefined,
      from: '2026-01-01T00:00:00.000Z',
      before: '2026-04-02T00:00:00.000Z',
      matches: undefined,
      size: 5,
    });
    expect(page.entries.map(({ at }) => at.slice(17, 19))).toEqual(['59', '58', '57', '56', '55']);
    expect(looked).toBeLessThanOrEqual(7);
  });

  it('include the beginning and exclude the end', async () => {
    const page = await pageOf('2026-05-01T00:00:00.000Z', 9, undefined, '2026-02-01T00:00:00.000Z');
    expect(page.entries.map(({ at }) => at)).toEqual([
      '2026-02-28T12:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
    ]);
  });

  it('end after bounded work, though nothing fits, and say where to go on', async () => {
    const page = await pageOf('2026-05-03T00:00:00.000Z', 9, () => false, '2019-01-01T00:00:00.000Z');
    expect(page.entries).toEqual([]);
    expect(page.next).toMatch(/^2024-/);
  });

  it('put throttled minutes among the other records', async () => {
    const mixed = `${name}-mixed`;
    await written(mixed, ['2026-03-01T10:00:30.000Z', '2026-03-01T10:02:30.000Z']);
    const attempt = {
      tenant: mixed,
      action: 'token.issue',
      outcome: 'refused',
      reason: 'throttled',
      actor: { kind: 'owner' },
    } as const;
    for (const second of ['01', '02', '59']) {
      await countThrottled(table, { ...attempt, at: new Date(`2026-03-01T10:01:${second}Z`) }, '192.0.2.1');
    }
    const seen: string[] = [];
    let before: string | undefined = '2026-03-02T00:00:00.000Z';
    while (before !== undefined) {
      const page: Awaited<ReturnType<typeof readAudit>> = await readAudit(table, {
        tenant: mixed,
        employeeId: undefined,
        from: '2026-03-01T00:00:00.000Z',
        before,
        matches: undefined,
        size: 1,
      });
      seen.push(...page.entries.map(({ at, count }) => `${at} ${count ?? 1}`));
      before = page.next;
    }
    expect(seen).toEqual([
      '2026-03-01T10:02:30.000Z 1',
      '2026-03-01T10:01:00.000Z 3',
      '2026-03-01T10:00:30.000Z 1',
    ]);
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

describe('the export', () => {
  const download = async (query: string) => {
    const response = await fetch(`${stack.url}/v2/admin/security/auditlog/export?${query}`, {
      headers: { authorization: `Bearer ${tenant.admin}` },
    });
    return { response, text: await response.text() };
  };
  const from = 'From=2026-11-01';

  it('is CSV, cell by cell, with what would run in a spreadsheet made text (S13)', async () => {
    const evil = '=HYPERLINK("https://evil.example","x"),y';
    await fetch(`${stack.url}/oauth2/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${tenant.name}\\ghost:wrong wrong wrong`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': evil,
      },
      body: 'grant_type=client_credentials',
    });
    const { response, text } = await download(`${from}&Format=csv`.replace('2026-11-01', day()));
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="auditlog.csv"');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const table = parse(text, { columns: true }) as Record<string, string>[];
    expect(table.map(({ id }) => id)).toEqual(
      expect.arrayContaining((await rows()).slice(0, 3).map(({ id }) => id)),
    );
    expect(table.map(({ userAgent }) => userAgent)).toContain(`'${evil}`);
    expect(table.flatMap(Object.values).filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });

  it('is JSON Lines, the same rows as the list, part by part to the end', async () => {
    const seen: string[] = [];
    const to = new Date().toISOString();
    let cursor: string | null = '';
    let parts = 0;
    while (cursor !== null) {
      const { response, text } = await download(
        `From=${day()}&To=${to}&Format=jsonl&PageSize=7${cursor && `&Cursor=${cursor}`}`,
      );
      seen.push(
        ...text
          .split('\n')
          .filter(Boolean)
          .map((line) => (JSON.parse(line) as Row).id),
      );
      cursor = response.headers.get('x-next-cursor');
      parts += 1;
    }
    expect(parts).toBeGreaterThan(2);
    expect(seen).toEqual((await walk(`To=${to}&PageSize=500`)).map(({ id }) => id));
  });

  test.each(['Format=csv', 'From=2026-01-01&To=2026-11-01&Format=csv', 'From=2026-11-01&Format=xlsx'])(
    'refuses %s',
    async (query) => {
      const { response, text } = await download(query);
      expect(response.status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ error: { reason: 'invalid_fields' } });
    },
  );

  test.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM', "'@SUM"],
    ['\tx', "'\tx"],
    ['\rx', '"\'\rx"'],
    ['a,"b"', '"a,""b"""'],
    ['plain', 'plain'],
    [null, ''],
    [7, '7'],
  ])('writes the cell %j as %j', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
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
    await tokenFor(bot.user, PASSWORD);
    const { lastTokenAt } = (await request('GET', path, { token: tenant.admin })).result as {
      lastTokenAt: string;
    };
    expect(lastTokenAt >= before).toBe(true);
  });
});

it('no record holds a password or a token (S13)', async () => {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'PK = :pk',
      ExpressionAttributeValues: { ':pk': { S: `AUDIT#${tenant.name}#${day().slice(0, 7)}` } },
    }),
  );
  expect(Items.length).toBeGreaterThan(10);
  const text = JSON.stringify(Items);
  for (const secret of [PASSWORD, tenant.admin, 'a wrong guess at it', 'wrong wrong wrong']) {
    expect(text).not.toContain(secret);
  }
});

function day(): string {
  return new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
}
