import { beforeAll, describe, expect, it, test } from 'vitest';
import { functions } from '../../infra/functions.ts';
import type { Route } from '../../shared/routes/route.ts';
import {
  type Employee,
  newEmployee,
  newTenant,
  operatorRequest,
  ROLES,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';

/** Occurs nowhere but in what an API Employee of this tenant has. */
const HIDDEN = 'Zquvx';

let tenant: Tenant;
let bot: Employee;
let restingBot: Employee;

beforeAll(async () => {
  tenant = await newTenant();
  const hidden = {
    firstName: HIDDEN,
    lastName: 'Robot',
    department: `${HIDDEN} department`,
    jobTitle: `${HIDDEN} title`,
  };
  bot = await newEmployee(tenant, { ...hidden, securityRoleIds: [ROLES.user] });
  restingBot = await newEmployee(tenant, { ...hidden, isActive: false });
});

describe('M11: an API Employee is listed in HR > Employees and nowhere else', () => {
  /** Capabilities whose very purpose is to speak of every account; everything else must not. */
  const SPEAKS_OF_ALL = new Map([
    ['employees', 'HR > Employees itself'],
    ['audit', 'tells what was done, by and to whom, and is no list of people to pick from'],
  ]);
  const reads = functions.flatMap(({ name, trigger }) =>
    trigger.kind === 'http' && !SPEAKS_OF_ALL.has(name)
      ? trigger.routes.filter(({ method }) => method === 'GET')
      : [],
  );

  /** What stands in a path for each variable, so that the call finds something. */
  function pathOf(route: Route): string {
    const known: Record<string, string> = {
      id: String(ROLES.administrator),
      assigneeId: String(tenant.adminId),
      tenant: encodeURIComponent(tenant.name),
    };
    return route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = known[name];
      if (value === undefined) throw new Error(`${route.operationId}: say what stands for {${name}}`);
      return value;
    });
  }

  /** No filter, then each filter set so as to bring an API Employee out. */
  function queriesOf(route: Route): string[] {
    const { entries = {} } = (route.query ?? {}) as { entries?: object };
    const probes = Object.keys(entries).flatMap((field) => {
      if (/(?<!excluded)ids$/i.test(field)) return [`${field}=${bot.id},${restingBot.id}`];
      if (/name|text/i.test(field)) return [`${field}=${HIDDEN}`, `${field}=${bot.userName}`];
      if (/isactive/i.test(field)) return [`${field}=true`, `${field}=false`];
      return /sort/i.test(field) ? [`${field}=-Name`] : [];
    });
    return ['', ...probes.map((probe) => `?${probe}`)];
  }

  async function textOf(route: Route, path: string): Promise<string> {
    if (route.auth === 'operator') {
      const reply = await operatorRequest(route.method, path);
      expect(reply.status).toBe(200);
      return JSON.stringify(reply);
    }
    const headers = route.auth === 'bearer' ? { authorization: `Bearer ${tenant.admin}` } : undefined;
    const response = await fetch(`${stack.url}${path}`, {
      redirect: 'manual',
      ...(headers ? { headers } : {}),
    });
    if (route.style === 'v2') expect(response.status, path).toBe(200);
    return response.text();
  }

  const traces = (text: string) =>
    [bot, restingBot]
      .flatMap(({ id, userName, emailAddress }) => [String(id), userName, emailAddress])
      .concat(HIDDEN)
      .filter((trace) => text.includes(trace));

  test.each(reads.map((route) => [route.operationId, route] as const))('%s', async (_, route) => {
    for (const query of queriesOf(route)) {
      expect(traces(await textOf(route, pathOf(route) + query)), query).toEqual([]);
    }
  });

  it('would be seen: HR > Employees shows it', async () => {
    const reply = await request('GET', '/v2/hr/employees?PageSize=500', { token: tenant.admin });
    expect(traces(JSON.stringify(reply))).toHaveLength(7);
    expect(reads.length).toBeGreaterThan(12);
  });

  it('is not found by its id either, nor counted', async () => {
    for (const id of [bot.id, restingBot.id]) {
      const reply = await request('GET', `/v2/hr/assignees/${id}/roles`, { token: tenant.admin });
      expect(reply).toMatchObject({ status: 404, error: { reason: 'employee_unknown' } });
    }
    const count = await request('GET', '/v2/hr/assignees/count', { token: tenant.admin });
    expect(count.result).toBe(1);
  });
});
