import { parse } from 'csv-parse/sync';
import { beforeAll, describe, expect, it, test, vi } from 'vitest';
import { csvCell, csvLine, jsonLine } from '../../functions/audit/lines.ts';
import { auditView } from '../../functions/audit/view.ts';
import { auditItem } from '../../shared/store/audit.ts';
import type { AuditEntry } from '../../shared/store/audit-log.ts';
import { batchWrite, openTable } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { newEmployee, newTenant, request, stack, type Tenant } from '../support/world.ts';

type Row = { id: string };

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  for (let index = 0; index < 9; index += 1) await newEmployee(tenant);
  // The last record that is still to come: the notice of the Administrator's own password.
  await vi.waitFor(async () => expect(await listed('Filter.Action=mail.password-changed')).toHaveLength(1), {
    timeout: 10_000,
    interval: 100,
  });
});

/** The ids of the list, newest first. */
async function listed(query: string): Promise<string[]> {
  const path = `/v2/admin/security/auditlog?PageSize=500&${query}`;
  const page = await request('GET', path, { token: tenant.admin });
  expect(page.nextCursor).toBeNull();
  return (page.result as Row[]).map(({ id }) => id);
}

describe('M17 the export of the audit log', () => {
  const download = async (query: string) => {
    const response = await fetch(`${stack.url}/v2/admin/security/auditlog/export?${query}`, {
      headers: { authorization: `Bearer ${tenant.admin}` },
    });
    return { response, text: await response.text() };
  };
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
    const { response, text } = await download(`From=${day()}&Format=csv`);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="auditlog.csv"');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const table = parse(text, { columns: true }) as Record<string, string>[];
    // An id may begin with a minus, and then is made text too.
    expect(table.map(({ id = '' }) => id.replace(/^'/, ''))).toEqual(await listed(''));
    expect(table.map(({ userAgent }) => userAgent)).toContain(`'${evil}`);
    expect(table.flatMap(Object.values).filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
  });

  it('filters by subject, as the list does', async () => {
    await request('PATCH', '/v2/admin/security/roles/5', { token: tenant.admin, body: { apiAccess: true } });
    const query = `From=${day()}&Filter.Subject=role:5`;
    const { text } = await download(`${query}&Format=jsonl`);
    const exported = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Row).id);
    expect(exported).toHaveLength(1);
    expect(exported).toEqual(await listed(query));
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
    expect(seen).toEqual(await listed(`To=${to}`));
  });

  it('writes a record the same whatever order the table kept its fields in', () => {
    const entry = (changes: AuditEntry['changes'], details: AuditEntry['details']) =>
      ({
        id: 'id',
        at: '',
        action: 'employee.update',
        outcome: 'done',
        actor: {},
        changes,
        details,
      }) as never;
    const [one, other] = [
      auditView(entry({ rights: { after: { hr: ['view'], admin: [] } }, active: {} }, { row: 1, of: 'x' })),
      auditView(entry({ active: {}, rights: { after: { admin: [], hr: ['view'] } } }, { of: 'x', row: 1 })),
    ].map((view) => [csvLine(view), jsonLine(view)]);
    expect(one).toEqual(other);
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
    // Where the decimal comma rules, spreadsheets part cells at semicolons, and heed no quotation mark within a cell.
    ["x;=cmd|' /C calc'!A0;", "x;'=cmd|' /C calc'!A0;"],
    ['x;"=1+1&"', '"x;\'""=1+1&"""'],
    ['x; @SUM', "x;' @SUM"],
    ['\uFF1D1+1', "'\uFF1D1+1"],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla/5.0 (X11; Linux x86_64)'],
    ['plain', 'plain'],
    [null, ''],
    [7, '7'],
  ])('writes the cell %j as %j', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });
});

it('M17: no text that somebody had put into the log keeps it from being read, page by page and part by part', async () => {
  const company = await newTenant();
  const table = openTable(useStackEnvironment().TABLE_NAME);
  const RECORDS = 700;
  const put = Array.from({ length: RECORDS }, (_, at) =>
    auditItem({
      tenant: company.name,
      at: new Date(),
      action: 'employee.update',
      outcome: 'done',
      actor: { kind: 'employee', id: company.adminId, userType: 'Employee' },
      employeeId: company.adminId,
      // As long as notes may be. In a reply that is a text within JSON each mark takes four bytes.
      changes: { notes: { before: '"'.repeat(2000), after: '\\'.repeat(2000) } },
      details: { at },
    }),
  );
  for (let from = 0; from < RECORDS; from += 25) await batchWrite(table, put.slice(from, from + 25));
  const paths = {
    list: '/v2/admin/security/auditlog?PageSize=500',
    csv: `/v2/admin/security/auditlog/export?From=${day()}&Format=csv`,
    jsonl: `/v2/admin/security/auditlog/export?From=${day()}&Format=jsonl`,
  };
  for (const path of Object.values(paths)) {
    let seen = 0;
    let cursor: string | null = '';
    while (cursor !== null) {
      const reply: Response = await fetch(
        `${stack.url}${path}&Filter.Action=employee.update${cursor && `&Cursor=${encodeURIComponent(cursor)}`}`,
        { headers: { authorization: `Bearer ${company.admin}` } },
      );
      const text = await reply.text();
      expect(reply.status, path).toBe(200);
      seen += text.match(/employee\.update/g)?.length ?? 0;
      cursor = text.startsWith('{"success"')
        ? (JSON.parse(text) as { nextCursor: string | null }).nextCursor
        : reply.headers.get('x-next-cursor');
    }
    expect(seen, path).toBe(RECORDS);
  }
});

function day(): string {
  return new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
}
