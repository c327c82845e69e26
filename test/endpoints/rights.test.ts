import { randomUUID } from 'node:crypto';
import { PutItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { type Route, routeKey } from '../../shared/routes/route.ts';
import { builtInRoles } from '../../shared/rules/built-in-roles.ts';
import type { Right, RoleFacts } from '../../shared/rules/rights.ts';
import { USER_TYPES, type UserType } from '../../shared/rules/user-types.ts';
import { roleKey, tenantKey, tenantPartition } from '../../shared/store/keys.ts';
import { packRole } from '../../shared/store/role-digest.ts';
import { openTable, toAttributes } from '../../shared/store/table.ts';
import { routes } from '../support/contract.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { ACCEPTABLE_BODIES, ID_PARAMETERS } from '../support/foreign-calls.ts';
import { type CallRow, callRows, pageAllows, type RoleRow, roleRows } from '../support/rights-page.ts';
import {
  choosePassword,
  mailedLink,
  newEmployee,
  newTenant,
  PASSWORD,
  request,
  stack,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

const bearerRoutes = routes.filter(({ auth }) => auth === 'bearer');

describe('docs/rights.md', () => {
  it('has a row for every bearer call, and no other', () => {
    expect(callRows.map(({ call }) => call).sort()).toEqual(bearerRoutes.map(routeKey).sort());
  });

  test.each(callRows.map((row) => [row.call, row] as const))('%s needs what the row says', (call, row) => {
    const route: (Route & { externalRight?: Right }) | undefined = bearerRoutes.find(
      (candidate) => routeKey(candidate) === call,
    );
    expect(route?.right).toEqual(row.right);
    expect(route?.externalRight ?? route?.right).toEqual(row.externalRight);
  });

  it('has the built-in roles with their rights', () => {
    expect(roleRows).toEqual(
      builtInRoles().map(({ name, external, administrator, rights }) => ({
        name,
        external,
        apiAccess: administrator ? 'always' : 'no',
        rights,
      })),
    );
  });
});

/** Never an id of anything. */
const NOWHERE = '2147483646';
const PUBLIC_ONLY = new Set(['token_missing', 'token_invalid', 'token_dead', 'basic_instead_of_token']);

/** One call as a client makes it; files are left unread. */
async function call(route: Route, token: string, id: string, body: unknown = {}, query = '') {
  const path = route.path.replace(/\{\w+\}/g, id);
  const response = await fetch(`${stack.url}${path}${query}`, {
    method: route.method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(route.body ? { 'content-type': 'application/json' } : {}),
    },
    ...(route.body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const isJson = /json;/.test(response.headers.get('content-type') ?? '');
  const reply = isJson ? (JSON.parse(text) as { error?: { reason: string } | null }) : undefined;
  return { status: response.status, reason: reply?.error?.reason, text };
}

type Account = { role: RoleRow; userType: UserType; user: string; token: string };
type Seen = { call: string; role: RoleRow; userType: UserType; allowed: boolean; reason: string | undefined };

async function accountWith(tenant: Tenant, role: RoleRow, userType: UserType): Promise<Account> {
  const roleId = builtInRoles().find(({ name }) => name === role.name)?.id;
  const people = userType !== 'API Employee';
  const employee = await newEmployee(tenant, {
    userType,
    securityRoleIds: [roleId],
    sendInstructions: !people,
  });
  if (people) {
    const body = { password: PASSWORD };
    await request('PUT', `/v2/hr/employees/${employee.id}/password`, { token: tenant.admin, body });
  } else {
    await choosePassword(await mailedLink(employee.emailAddress), PASSWORD);
  }
  const user = `${tenant.name}\\${employee.userName}`;
  return { role, userType, user, token: await tokenFor(user, PASSWORD) };
}

/** Every call as every account, with ids and bodies that do nothing where the right is held. */
async function observe(account: Account): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const route of bearerRoutes) {
    // A call that needs no right may end the very token that it is made with.
    const own = route.right === null && route.method !== 'GET';
    const token = own ? await tokenFor(account.user, PASSWORD) : account.token;
    const { status, reason } = await call(route, token, NOWHERE);
    expect(PUBLIC_ONLY, `${routeKey(route)} as ${account.role.name}`).not.toContain(reason);
    const refused = status === 403 && reason === 'right_missing';
    seen.push({ call: routeKey(route), ...account, allowed: !refused, reason });
  }
  return seen;
}

const deviations = (seen: readonly Seen[], rows: readonly CallRow[]) =>
  seen
    .filter(({ call: made, role, userType, allowed }) => {
      const row = rows.find((candidate) => candidate.call === made);
      return row === undefined || pageAllows(row, role, userType) !== allowed;
    })
    .map(({ call: made, role, userType, reason }) => `${made} as ${userType}, ${role.name}: ${reason}`);

describe('S10 every bearer call, as every built-in role and user type', () => {
  it('is answered as the page says', { timeout: 120_000 }, async () => {
    const tenant = await newTenant({ licences: 50 });
    for (const { id, administrator } of builtInRoles()) {
      if (administrator) continue;
      const path = `/v2/admin/security/roles/${id}`;
      await request('PATCH', path, { token: tenant.admin, body: { apiAccess: true } });
    }
    // M12: external roles are for External Employees alone.
    const kinds = roleRows.flatMap((role) =>
      USER_TYPES.filter((type) => !role.external || type === 'External Employee').map((type) => ({
        role,
        type,
      })),
    );
    const accounts = await Promise.all(kinds.map(({ role, type }) => accountWith(tenant, role, type)));
    expect(accounts).toHaveLength(20);
    const seen = (await Promise.all(accounts.map(observe))).flat();
    expect(deviations(seen, callRows)).toEqual([]);

    // Were a row wrong, or missing, it would show.
    const [first, ...others] = callRows.filter(({ right }) => right !== null);
    const opened = first && { ...first, right: null, externalRight: null };
    expect(deviations(seen, [...(opened ? [opened] : []), ...others])).not.toEqual([]);
    expect(deviations(seen, others)).not.toEqual([]);
  });
});

/** An import of one row, by its id. */
async function importOne(tenant: Tenant): Promise<string> {
  const importId = randomUUID();
  const reply = await request('POST', `/v2/hr/employees/import?ImportId=${importId}`, {
    token: tenant.admin,
    headers: { 'content-type': 'text/csv' },
    body: 'userName,userType,firstName,lastName\nimported,API Employee,Im,Port\n',
  });
  expect(reply.error).toBeNull();
  return importId;
}

describe('S14, M16 another company', () => {
  const table = openTable(useStackEnvironment().TABLE_NAME);
  const canary = `canary${Date.now()}`;
  let own: Tenant;
  let other: Tenant;
  /** Of an employee and of a role alike; neither stands in the own company. */
  let foreignId: number;
  let foreignImport: string;

  beforeAll(async () => {
    [own, other] = await Promise.all([newTenant(), newTenant({ company: canary })]);
    const fields = {
      userType: 'Employee',
      userName: canary,
      firstName: canary,
      jobTitle: canary,
      department: canary,
    };
    foreignId = (await newEmployee(other, fields)).id;
    foreignImport = await importOne(other);
    const base = builtInRoles().find(({ name }) => name === 'User');
    const role = { ...base, id: foreignId, name: canary, system: false };
    const item = {
      schema: 1,
      type: 'role',
      tenant: other.name,
      ...role,
      internalHolders: 0,
      externalHolders: 0,
    };
    await table.client.send(
      new PutItemCommand({
        TableName: table.name,
        Item: toAttributes({ ...roleKey(other.name, foreignId), ...item }),
      }),
    );
    await table.client.send(
      new UpdateItemCommand({
        TableName: table.name,
        Key: toAttributes(tenantKey(other.name)),
        UpdateExpression: 'SET #roles.#id = :role',
        ExpressionAttributeNames: { '#roles': 'roles', '#id': String(foreignId) },
        ExpressionAttributeValues: toAttributes({ ':role': packRole(role as RoleFacts) }),
      }),
    );
  });

  async function itemsOf(tenant: Tenant) {
    const { Items = [] } = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'PK = :pk',
        ExpressionAttributeValues: { ':pk': { S: tenantPartition(tenant.name) } },
        ConsistentRead: true,
      }),
    );
    return Items;
  }

  const withId = bearerRoutes
    .filter(({ path }) => path.includes('{'))
    .sort((a, b) => endsMuch(a) - endsMuch(b));
  /** Reads first; what ends the account last, so that each call still finds it. */
  function endsMuch({ method, operationId }: Route): number {
    if (operationId === 'deleteEmployee') return 3;
    return method === 'GET' ? 0 : method === 'DELETE' ? 2 : 1;
  }
  const idFor = (route: Route) => (route.path.includes('{importId}') ? foreignImport : String(foreignId));
  const bodyFor = (route: Route) => ACCEPTABLE_BODIES[route.operationId];

  test.each(withId.map((route) => [routeKey(route), route] as const))(
    '%s finds nothing of it',
    async (_, route) => {
      const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
      expect(names.filter((name) => !ID_PARAMETERS.has(name))).toEqual([]);
      const before = await itemsOf(other);
      const reply = await call(route, own.admin, idFor(route), bodyFor(route));
      expect(reply).toMatchObject({ status: 404, reason: expect.stringMatching(/_unknown$/) });
      expect(reply.text).not.toContain(canary);
      expect(await itemsOf(other)).toEqual(before);
    },
  );

  const withoutId = bearerRoutes.filter(({ method, path }) => method === 'GET' && !path.includes('{'));

  test.each(withoutId.map((route) => [routeKey(route), route] as const))(
    '%s shows nothing of it',
    async (_, route) => {
      const entries =
        route.query && 'entries' in route.query ? Object.keys(route.query.entries as object) : [];
      const ids = entries.filter((name) => /ids?$/i.test(name) && !/correlation/i.test(name));
      const need =
        route.operationId === 'exportAudit' ? `From=${new Date().toISOString().slice(0, 10)}&Format=csv` : '';
      for (const query of [need, ...ids.map((name) => `${need}&${name}=${foreignId}`)]) {
        const reply = await call(route, own.admin, '', undefined, `?${query}`);
        expect(reply.status, reply.text).toBe(200);
        expect(reply.text).not.toContain(canary);
      }
    },
  );

  // Shows that nothing but the company stood in the way: its own Administrator is let through with the same call.
  test.each(withId.map((route) => [routeKey(route), route] as const))(
    '%s knows it for its own',
    async (_, route) => {
      const reply = await call(route, other.admin, idFor(route), bodyFor(route));
      expect([400, 401, 404], reply.text).not.toContain(reply.status);
    },
  );
});
