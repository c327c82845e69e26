import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { routeKey } from '../../shared/routes/route.ts';
import { routes } from '../support/contract.ts';
import {
  fetchToken,
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  PASSWORD,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 10 });
});

describe('M6 no manual password', () => {
  const typed = { password: 'typed by an admin once' };
  const set = (id: number) =>
    request('PUT', `/v2/hr/employees/${id}/password`, { token: tenant.admin, body: typed });

  it('can be typed for an API Employee: the old one stays, and the refusal is on record', async () => {
    const bot = await newApiAccount(tenant);
    expect(await set(bot.id)).toMatchObject({
      status: 422,
      error: { reason: 'manual_password_for_api_employee' },
    });
    expect((await fetchToken(bot.user, typed.password)).status).toBe(401);
    expect((await fetchToken(bot.user, PASSWORD)).status).toBe(200);
    const log = await request(
      'GET',
      '/v2/admin/security/auditlog?Filter.Outcome=refused&Filter.Action=request',
      {
        token: tenant.admin,
      },
    );
    expect(log.result).toMatchObject([
      { reason: 'manual_password_for_api_employee', details: { operation: 'setPassword' } },
    ]);
  });

  test.each(['Employee', 'External Employee'])('can for an %s', async (userType) => {
    const person = await newEmployee(tenant, { userType });
    expect((await set(person.id)).status).toBe(200);
  });

  test.each(['password', 'Password', 'newPassword'])('nor does any other call take %s', async (field) => {
    const bot = await newEmployee(tenant);
    for (const [method, path] of [
      ['PATCH', `/v2/hr/employees/${bot.id}`],
      ['POST', '/v2/hr/employees'],
    ] as const) {
      const reply = await request(method, path, { token: tenant.admin, body: { [field]: PASSWORD } });
      expect(reply.error?.subErrors).toContain(`${field} is not a field of this call`);
    }
  });
});

describe('M11 API Employees are listed in HR > Employees only', () => {
  /** HR > Employees itself, and the audit, which tells of every account. */
  const MAY_SHOW = new Set(['listEmployees', 'getEmployee', 'listAudit', 'listEmployeeAudit', 'exportAudit']);
  const canary = `robot${Date.now()}`;
  beforeAll(async () => {
    await newEmployee(tenant, {
      userName: canary,
      firstName: canary,
      lastName: canary,
      jobTitle: canary,
      department: canary,
    });
  });

  const lists = routes.filter(
    ({ auth, method, path, operationId }) =>
      auth === 'bearer' && method === 'GET' && !path.includes('{') && !MAY_SHOW.has(operationId),
  );

  test.each(lists.map((route) => [routeKey(route), route] as const))(
    '%s leaves them out',
    async (_, route) => {
      const response = await fetch(`${stack.url}${route.path}`, {
        headers: { authorization: `Bearer ${tenant.admin}` },
      });
      expect(response.status).toBe(200);
      expect(await response.text()).not.toContain(canary);
    },
  );

  it('the list that must show them does', async () => {
    const list = await request('GET', `/v2/hr/employees?Filter.Text=${canary}`, { token: tenant.admin });
    expect(list.totalRecords).toBe(1);
  });
});

describe('M17 every mail', () => {
  it('leaves a record: the link, and the notice of a new password', async () => {
    const bot = await newApiAccount(tenant);
    await request('POST', `/v2/hr/employees/${bot.id}/resetinstructions`, { token: tenant.admin });
    await mailedLink(bot.emailAddress, 2);
    const actions = async () => {
      const log = await request('GET', `/v2/hr/employees/${bot.id}/auditlog`, { token: tenant.admin });
      return (log.result as { action: string }[]).map(({ action }) => action).sort();
    };
    await expect
      .poll(actions, { timeout: 10_000 })
      .toEqual([
        'employee.create',
        'employee.instructions',
        'mail.link',
        'mail.link',
        'mail.password-changed',
        'password.set',
      ]);
  });
});

describe('the mission', () => {
  it.each(Array.from({ length: 18 }, (_, index) => `M${index + 1}`))(
    '%s is named by a test',
    async (rule) => {
      const titles = await testTitles();
      expect(titles.filter((title) => new RegExp(`\\b${rule}\\b`).test(title))).not.toEqual([]);
    },
  );
});

async function testTitles(): Promise<string[]> {
  const root = join(import.meta.dirname, '..');
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.test.ts'));
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
  return texts.flatMap((text) =>
    [...text.matchAll(/\b(?:describe|it|test)(?:\.\w+)?\((['"`])(.*?)\1/gs)].map(([, , title = '']) => title),
  );
}
