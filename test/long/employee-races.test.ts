import { beforeAll, describe, expect, it } from 'vitest';
import { epochSeconds } from '../../shared/clock.ts';
import { listEmployees } from '../../shared/store/employee-list.ts';
import { changeEmployee, readEmployee, readLicences } from '../../shared/store/employees.ts';
import { licencesKey, tenantKey } from '../../shared/store/keys.ts';
import { openTable, type Table, transact } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import {
  newApiAccount,
  newEmployee,
  newTenant,
  type Reply,
  ROLES,
  request,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

let table: Table;
beforeAll(() => {
  table = openTable(useStackEnvironment().TABLE_NAME);
});

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
  it('500 concurrent creates, deactivations, reactivations and deletions: the counter is the live employees', {
    timeout: 180_000,
  }, async () => {
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
      Array.from({ length: 500 }, (_, index) => {
        const id = ids[index % ids.length] ?? 0;
        if (index % 5 === 0) return request('POST', path(id, 'deactivate'), { token });
        if (index % 5 === 1) return request('POST', path(id, 'activate'), { token });
        if (index === 252) return request('DELETE', path(id), { token });
        const body = { userName: `new-${index}`, userType: 'Employee', firstName: 'R', lastName: 'Three' };
        return request('POST', '/v2/hr/employees', { token, body });
      }),
    );
    running = false;
    await watcher;
    const end = await licences(tenant);
    expect(end.used).toBe(end.live);
    expect(end.totalRecords).toBe(end.employees);
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.filter(({ used, total }) => used > total || used < 0)).toEqual([]);
    expect(reasons(replies)).toContain('licences_exhausted');
    expect(reasons(replies)).toContain('done');
    const known = ['busy', 'changed_meanwhile', 'done', 'employee_unknown', 'licences_exhausted'];
    expect(reasons(replies).filter((reason) => !known.includes(reason))).toEqual([]);
  });

  it('a planted variant that reads the licences, then adds to them, goes beyond: the test can fail', async () => {
    const tenant = await newTenant({ licences: 3 });
    // Each reads before any writes, as a burst may.
    const seen = await Promise.all(Array.from({ length: 20 }, () => readLicences(table, tenant.name)));
    const taken = seen.filter(({ used, total }) => used < total);
    await Promise.all(
      taken.map(() => {
        const set = { expression: 'ADD #used :one', names: { '#used': 'used' }, values: { ':one': 1 } };
        return transact(table, [{ update: licencesKey(tenant.name), set }]);
      }),
    );
    const end = await licences(tenant);
    expect(end.used).toBeGreaterThan(end.total);
    expect(end.used).not.toBe(end.live);
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
  const write = (tenant: Tenant, id: number, count: number, headers: Record<string, string>) =>
    request('PATCH', path(id), { token: tenant.admin, body: { notes: String(count) }, headers });

  it('of 200 parallel edits of one version one is done, the others are stale', {
    timeout: 60_000,
  }, async () => {
    const tenant = await newTenant();
    const { id } = await newEmployee(tenant, { notes: '0' });
    const { etag } = await read(tenant, id);
    const replies = await Promise.all(
      Array.from({ length: 200 }, (_, index) => write(tenant, id, index + 1, { 'if-match': etag })),
    );
    const done = replies.filter(({ status }) => status === 200);
    expect(done).toHaveLength(1);
    expect(reasons(replies)).toEqual(['done', 'stale']);
    expect(replies.filter(({ status }) => status === 412)).toHaveLength(199);
    const after = await read(tenant, id);
    expect(after.etag).toBe(done[0]?.headers.get('etag'));
    expect(done[0]?.result).toMatchObject({ notes: String(after.count) });
  });

  /** Counts up in the notes, as 5 clients who read, add one, write. */
  async function countUp(edits: number, conditional: boolean): Promise<number> {
    const tenant = await newTenant();
    const { id } = await newEmployee(tenant, { notes: '0' });
    let left = edits;
    const client = async () => {
      while (left > 0) {
        left -= 1;
        for (;;) {
          const { etag, count } = await read(tenant, id);
          const reply = await write(tenant, id, count + 1, conditional ? { 'if-match': etag } : {});
          if (reply.status === 200) break;
          expect(['stale', 'changed_meanwhile', 'busy']).toContain(reply.error?.reason);
        }
      }
    };
    await Promise.all(Array.from({ length: 5 }, client));
    return (await read(tenant, id)).count;
  }

  it('80 edits with If-Match lose no update', { timeout: 120_000 }, async () => {
    expect(await countUp(80, true)).toBe(80);
  });

  it('the same without If-Match loses some: the test can fail', { timeout: 60_000 }, async () => {
    expect(await countUp(60, false)).toBeLessThan(60);
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
  it('of 5 that are deleted, deactivated and stripped at once one stays', { timeout: 120_000 }, async () => {
    const tenant = await newTenant({ licences: 10 });
    const robot = await newApiAccount(tenant);
    const body = { securityRoleIds: [ROLES.administrator] };
    await request('PATCH', path(robot.id), { token: tenant.admin, body });
    const token = await tokenFor(robot.user, robot.password);
    let last = tenant.adminId;
    for (let round = 0; round < 6; round += 1) {
      const ids = [last];
      for (let index = 1; index < 5; index += 1) {
        ids.push((await newEmployee({ ...tenant, admin: token }, { ...body, userType: 'Employee' })).id);
      }
      const replies = await Promise.all(
        ids.map((id, index) => {
          const way = (index + round) % 3;
          if (way === 0) return request('DELETE', path(id), { token });
          if (way === 1) return request('POST', path(id, 'deactivate'), { token });
          return request('PATCH', path(id), { token, body: { securityRoleIds: [] } });
        }),
      );
      const kept = ids.filter((_, index) => replies[index]?.status !== 200);
      expect(kept).toHaveLength(1);
      expect(reasons(replies)).toEqual(['done', 'last_administrator']);
      last = kept[0] ?? 0;
      expect((await readEmployee(table, tenant.name, last))?.active).toBe(true);
      await cleared(tenant, token, last);
    }
  });

  /** Whoever is left over from a round holds a licence. */
  async function cleared(tenant: Tenant, token: string, last: number) {
    const list = await request('GET', '/v2/hr/employees?Filter.UserType=Employee&PageSize=100', { token });
    const others = (list.result as { id: number }[]).filter(({ id }) => id !== last);
    for (const { id } of others) expect((await request('DELETE', path(id), { token })).status).toBe(200);
    expect((await licences(tenant)).used).toBe(1);
  }

  it('a planted variant whose write trusts the rule alone leaves none: the test can fail', async () => {
    const tenant = await newTenant({ licences: 5 });
    const other = await newEmployee(tenant, { userType: 'Employee', securityRoleIds: [ROLES.administrator] });
    const naive = async (id: number) => {
      const before = await readEmployee(table, tenant.name, id);
      if (before === undefined) throw new Error('No such employee');
      const after = { ...before, active: false, tokensValidAfter: epochSeconds(new Date()) };
      // The rule saw two active ones; the write takes one off without looking.
      await changeEmployee(
        table,
        before,
        after,
        { before: [], after: [] },
        {
          effects: { licences: -1, administrators: 0 },
          audit: {
            tenant: tenant.name,
            at: new Date(),
            action: 'employee.deactivate',
            outcome: 'done',
            actor: { kind: 'system' },
          },
          alongside: [
            {
              update: tenantKey(tenant.name),
              set: {
                expression: 'ADD #n :minus',
                names: { '#n': 'activeAdministrators' },
                values: { ':minus': -1 },
              },
            },
          ],
        },
      );
    };
    await Promise.all([naive(tenant.adminId), naive(other.id)]);
    const people = await listEmployees(
      table,
      tenant.name,
      { active: true },
      { size: 10, skip: 0, after: undefined },
    );
    expect(people.employees).toEqual([]);
  });
});
