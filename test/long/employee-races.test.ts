import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listEmployees } from '../../shared/store/employee-list.ts';
import { readEmployee, readLicences } from '../../shared/store/employees.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { startNaiveFront } from '../support/naive-front.ts';
import {
  newApiAccount,
  newEmployee,
  newTenant,
  type Reply,
  ROLES,
  request,
  stack,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

let table: Table;
let naive: Awaited<ReturnType<typeof startNaiveFront>>;
beforeAll(async () => {
  table = openTable(useStackEnvironment().TABLE_NAME);
  naive = await startNaiveFront();
});
afterAll(() => naive.close());

const path = (id: number, action = '') => `/v2/hr/employees/${id}${action && `/${action}`}`;
const reasons = (replies: readonly Reply[]) =>
  [...new Set(replies.map(({ error }) => error?.reason ?? 'done'))].sort();

/** Licences in use by the counter, and by counting who is there. */
async function licences(tenant: Tenant) {
  const { total, used } = await readLicences(table, tenant.name);
  const page = await listEmployees(table, tenant.name, {}, { size: 5000, skip: 0, after: undefined });
  const live = page.employees.filter(({ active, userType }) => active && userType !== 'API Employee').length;
  return { total, used, live, employees: page.employees.length, totalRecords: page.totalRecords };
}

describe('R3', () => {
  /** So many creates, deactivations, reactivations and deletions at once at `url`, and what was seen meanwhile. */
  async function churn(url: string, calls: number) {
    const tenant = await newTenant({ licences: 12 });
    const ids: number[] = [];
    for (let index = 0; index < 8; index += 1) {
      ids.push((await newEmployee(tenant, { userType: 'Employee', userName: `old-${index}` })).id);
    }
    const seen: { used: number; total: number }[] = [];
    let running = true;
    const watcher = (async () => {
      while (running) seen.push(await readLicences(table, tenant.name));
    })();
    const { admin: token } = tenant;
    const replies = await Promise.all(
      Array.from({ length: calls }, (_, index) => {
        const id = ids[index % ids.length] ?? 0;
        if (index % 5 === 0) return request('POST', path(id, 'deactivate'), { url, token });
        if (index % 5 === 1) return request('POST', path(id, 'activate'), { url, token });
        if (index === Math.floor(calls / 2) + 2) return request('DELETE', path(id), { url, token });
        const body = { userName: `new-${index}`, userType: 'Employee', firstName: 'R', lastName: 'Three' };
        return request('POST', '/v2/hr/employees', { url, token, body });
      }),
    );
    running = false;
    await watcher;
    return { seen, replies, end: await licences(tenant) };
  }

  function expectCounted({ seen, end }: Awaited<ReturnType<typeof churn>>): void {
    expect(end.used).toBe(end.live);
    expect(end.totalRecords).toBe(end.employees);
    expect(seen.filter(({ used, total }) => used > total || used < 0)).toEqual([]);
  }

  it('500 concurrent creates, deactivations, reactivations and deletions: the counter is the live employees', {
    timeout: 180_000,
  }, async () => {
    const outcome = await churn(stack.url, 500);
    expectCounted(outcome);
    expect(outcome.seen.length).toBeGreaterThan(3);
    expect(reasons(outcome.replies)).toContain('licences_exhausted');
    expect(reasons(outcome.replies)).toContain('done');
    const known = ['busy', 'changed_meanwhile', 'done', 'employee_unknown', 'licences_exhausted'];
    expect(reasons(outcome.replies).filter((reason) => !known.includes(reason))).toEqual([]);
  });

  it('would be seen: where writes ask for nothing, the counter goes astray', {
    timeout: 60_000,
  }, async () => {
    const outcome = await churn(naive.url, 50);
    expect(() => expectCounted(outcome)).toThrow(/expected/);
  });
});

describe('R5', () => {
  const read = async (tenant: Tenant, id: number) => {
    const reply = await request('GET', path(id), { token: tenant.admin });
    return {
      etag: reply.headers.get('etag') ?? '',
      count: Number((reply.result as { notes: string }).notes),
    };
  };
  const write = (url: string, tenant: Tenant, id: number, count: number, etag: string) =>
    request('PATCH', path(id), {
      url,
      token: tenant.admin,
      body: { notes: String(count) },
      headers: { 'if-match': etag },
    });

  /** So many edits at once, all of the version that was read before. */
  async function editAtOnce(url: string, edits: number) {
    const tenant = await newTenant();
    const { id } = await newEmployee(tenant, { notes: '0' });
    const { etag } = await read(tenant, id);
    const replies = await Promise.all(
      Array.from({ length: edits }, (_, index) => write(url, tenant, id, index + 1, etag)),
    );
    return { replies, after: await read(tenant, id) };
  }

  function expectOneEdit({ replies, after }: Awaited<ReturnType<typeof editAtOnce>>): void {
    const done = replies.filter(({ status }) => status === 200);
    expect(done).toHaveLength(1);
    expect(reasons(replies)).toEqual(['done', 'stale']);
    expect(replies.filter(({ status }) => status === 412)).toHaveLength(replies.length - 1);
    expect(after.etag).toBe(done[0]?.headers.get('etag'));
    expect(done[0]?.result).toMatchObject({ notes: String(after.count) });
  }

  it('of 200 parallel edits of one version one is done, the others are stale', {
    timeout: 60_000,
  }, async () => {
    expectOneEdit(await editAtOnce(stack.url, 200));
  });

  it('would be seen: where writes ask for nothing, several are done', async () => {
    const outcome = await editAtOnce(naive.url, 10);
    expect(() => expectOneEdit(outcome)).toThrow(/expected/);
  });

  /** Counts up in the notes, as 5 clients who read, add one, write. */
  async function countUp(url: string, edits: number): Promise<number> {
    const tenant = await newTenant();
    const { id } = await newEmployee(tenant, { notes: '0' });
    let left = edits;
    const client = async () => {
      while (left > 0) {
        left -= 1;
        for (;;) {
          const { etag, count } = await read(tenant, id);
          const reply = await write(url, tenant, id, count + 1, etag);
          if (reply.status === 200) break;
          expect(['stale', 'changed_meanwhile', 'busy']).toContain(reply.error?.reason);
        }
      }
    };
    await Promise.all(Array.from({ length: 5 }, client));
    return (await read(tenant, id)).count;
  }

  it.each([
    ['80 edits with If-Match lose no update', () => stack.url, 80, (count: number) => count === 80],
    [
      'would be seen: where writes ask for nothing, some are lost',
      () => naive.url,
      20,
      (count: number) => count < 20,
    ],
  ] as const)('%s', { timeout: 120_000 }, async (_, url, edits, fits) => {
    expect(await countUp(url(), edits)).toSatisfy(fits);
  });
});

describe('If-Match', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
  });
  const calls = [
    ['PATCH', '', { jobTitle: 'Bridge' }],
    ['POST', 'resetinstructions', undefined],
    ['POST', 'activate', undefined],
    ['POST', 'deactivate', undefined],
    ['POST', 'revoke', undefined],
    ['DELETE', '', undefined],
  ] as const;
  const call = (method: string, id: number, action: string, body: unknown, header?: string) =>
    request(method, path(id, action), {
      token: tenant.admin,
      ...(body === undefined ? {} : { body }),
      ...(header === undefined ? {} : { headers: { 'if-match': header } }),
    });

  it.each(calls)(
    '%s %s is refused when stale, weak or malformed, and done on the current one',
    async (method, action, body) => {
      const { id } = await newEmployee(tenant);
      const { headers } = await request('GET', path(id), { token: tenant.admin });
      const etag = headers.get('etag') ?? '';
      expect(etag).toMatch(/^"\d+"$/);
      for (const wrong of ['"999"', `W/${etag}`]) {
        expect(await call(method, id, action, body, wrong)).toMatchObject({
          status: 412,
          error: { reason: 'stale' },
        });
      }
      for (const malformed of ['1', '"1', '"1", 2', '']) {
        expect(await call(method, id, action, body, malformed)).toMatchObject({
          status: 400,
          error: { reason: 'invalid_fields' },
        });
      }
      expect((await call(method, id, action, body, `"999", ${etag}`)).status).toBe(200);
    },
  );

  it.each(calls)('%s %s takes any version with *', async (method, action, body) => {
    const { id } = await newEmployee(tenant);
    expect((await call(method, id, action, body, '*')).status).toBe(200);
  });

  it('goes by the version that the reply of the edit before gave', async () => {
    const { id } = await newEmployee(tenant);
    let { headers } = await request('GET', path(id), { token: tenant.admin });
    for (const [method, action, body] of calls) {
      const reply = await call(method, id, action, body, headers.get('etag') ?? '');
      expect(reply.status).toBe(200);
      headers = reply.headers;
    }
  });
});

describe('the last Administrator', () => {
  /** Five people, the only Administrators but a robot, are deleted, deactivated and stripped at once. */
  async function removeAtOnce(url: string, { tenant, token, last }: Company, round: number) {
    const body = { securityRoleIds: [ROLES.administrator] };
    const ids = [last];
    for (let index = 1; index < 5; index += 1) {
      ids.push((await newEmployee({ ...tenant, admin: token }, { ...body, userType: 'Employee' })).id);
    }
    const replies = await Promise.all(
      ids.map((id, index) => {
        const way = (index + round) % 3;
        if (way === 0) return request('DELETE', path(id), { url, token });
        if (way === 1) return request('POST', path(id, 'deactivate'), { url, token });
        return request('PATCH', path(id), { url, token, body: { securityRoleIds: [] } });
      }),
    );
    return { replies, kept: ids.filter((_, index) => replies[index]?.status !== 200) };
  }

  async function expectOneLeft(
    { tenant }: Company,
    { replies, kept }: Awaited<ReturnType<typeof removeAtOnce>>,
  ): Promise<void> {
    expect(kept).toHaveLength(1);
    expect(reasons(replies)).toEqual(['done', 'last_administrator']);
    expect((await readEmployee(table, tenant.name, kept[0] ?? 0))?.active).toBe(true);
  }

  type Company = { readonly tenant: Tenant; readonly token: string; last: number };
  /** Its calls are a robot's, whom nobody takes the rights from. */
  async function newCompany(): Promise<Company> {
    const tenant = await newTenant({ licences: 10 });
    const robot = await newApiAccount(tenant);
    const body = { securityRoleIds: [ROLES.administrator] };
    await request('PATCH', path(robot.id), { token: tenant.admin, body });
    return { tenant, token: await tokenFor(robot.user, robot.password), last: tenant.adminId };
  }

  it('of 5 that are deleted, deactivated and stripped at once one stays', { timeout: 120_000 }, async () => {
    const company = await newCompany();
    for (let round = 0; round < 6; round += 1) {
      const outcome = await removeAtOnce(stack.url, company, round);
      await expectOneLeft(company, outcome);
      company.last = outcome.kept[0] ?? 0;
      await clear(company);
    }
  });

  /** Whoever is left over from a round holds a licence. */
  async function clear({ tenant, token, last }: Company) {
    const list = await request('GET', '/v2/hr/employees?Filter.UserType=Employee&PageSize=100', { token });
    const others = (list.result as { id: number }[]).filter(({ id }) => id !== last);
    for (const { id } of others) expect((await request('DELETE', path(id), { token })).status).toBe(200);
    expect((await licences(tenant)).used).toBe(1);
  }

  it('would be seen: where writes ask for nothing, none is left', { timeout: 60_000 }, async () => {
    const company = await newCompany();
    const outcome = await removeAtOnce(naive.url, company, 0);
    await expect(expectOneLeft(company, outcome)).rejects.toThrow(/expected/);
    expect(outcome.kept).toEqual([]);
  });
});
