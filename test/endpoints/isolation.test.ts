import { randomUUID } from 'node:crypto';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { beforeAll, describe, expect, it, test, vi } from 'vitest';
import type { Browser } from '../../infra/local/clients.ts';
import { sha256 } from '../../shared/ids.ts';
import { type Route, routeKey } from '../../shared/routes/route.ts';
import { builtInRoles } from '../../shared/rules/built-in-roles.ts';
import { attemptsKey, roleKey, tenantKey } from '../../shared/store/keys.ts';
import { packRole } from '../../shared/store/role-digest.ts';
import { openTable, putItem, transact } from '../../shared/store/table.ts';
import { routes } from '../support/contract.ts';
import { useStackEnvironment } from '../support/environment.ts';
import {
  CALLS,
  type Caller,
  csvOf,
  fieldsOf,
  NAMED_BY,
  nobodys,
  plain,
  reachesOf,
  send,
  type Things,
} from '../support/foreign-calls.ts';
import { authenticate } from '../support/oauth.ts';
import { enrol, newMember, signInAt } from '../support/people.ts';
import {
  mailedLink,
  newEmployee,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';

/** In texts of the other company, and in no question. */
const SECRET = `hush${Date.now()}`;

const table = openTable(useStackEnvironment().TABLE_NAME);
let own: Caller;
let other: Caller;
let nobody: Things;
let kept: Map<string, string>;

describe('what a call could reach at', () => {
  it('is said for every operation of the route table', () => {
    expect(Object.keys(CALLS).sort()).toEqual(routes.map(({ operationId }) => operationId).sort());
  });

  it('is said for every field that one of them takes', () => {
    const fields = new Set(routes.flatMap(fieldsOf));
    expect(Object.keys(NAMED_BY).sort()).toEqual([...fields].sort());
  });
});

/** A company that has one of everything. */
async function settle(word: string, secret: string): Promise<Caller> {
  const tenant = await newTenant({ company: word, licences: 50 });
  const { name, admin: token } = tenant;
  await request('PATCH', '/v2/admin/mycompany', { token, body: { company: `${word} ${secret}` } });
  const named = { firstName: word, lastName: secret, jobTitle: `${word} ${secret}`, department: word };
  const { id } = await newEmployee(tenant, { userType: 'Employee', ...named });
  await Promise.all([newEmployee(tenant, named), addRole(tenant, id, `${word} ${secret}`)]);
  const mailed = await newEmployee(tenant, { sendInstructions: true });
  const link = new URL(await mailedLink(mailed.emailAddress)).searchParams.get('link') ?? '';
  const importId = randomUUID();
  await request('POST', `/v2/hr/employees/import?ImportId=${importId}`, {
    ...{ token, headers: { 'content-type': 'text/csv' }, body: csvOf(`row-${word}`, String(id)) },
  });
  const caller = await newMember(tenant, {
    ...{ ...named, userName: `root-${randomUUID()}`, securityRoleIds: [ROLES.administrator] },
  });
  const guarded = await newMember(tenant);
  await enrol(guarded.browser);
  const pending = (await signInAt(name, guarded.userName)).browser;
  const elsewhere = (await signInAt(name, caller.userName)).browser;
  const { html } = await caller.browser.get(`${stack.url}/account/sessions`);
  const employees = await request('GET', `/v2/hr/employees?PageSize=1&Filter.Text=${word}`, { token });
  const audit = await request('GET', '/v2/admin/security/auditlog?PageSize=1', { token });
  const about = await request('GET', `/v2/hr/employees/${id}/auditlog`, { token });
  const [newest] = about.result as { correlationId: string }[];
  const heldIn = async (list: string) => {
    const { result } = await request('GET', `/v2/admin/hr/${list}/lookup`, { token });
    return String((result as { id: number }[])[0]?.id);
  };
  const settled = {
    ...{ id: String(id), tenant: name, userName: caller.userName, word, importId },
    ...{ user: `${name}\\${caller.userName}`, password: PASSWORD, browser: caller.browser },
    ...{ correlationId: newest?.correlationId ?? '', idempotencyKey: randomUUID() },
    ...(await authenticate(name, caller.userName, PASSWORD)),
    callerId: String(caller.id),
    ...{ departmentId: await heldIn('departments'), jobTitleId: await heldIn('jobtitles') },
    linkId: link.split('.')[0] ?? '',
    sessionId: /name="session" value="([\w-]{22})"/.exec(html)?.[1] ?? '',
    sessionHash: hashOf(elsewhere, '__Host-session'),
    pendingHash: hashOf(pending, '__Host-sign-in'),
    ...{ employeeCursor: employees.nextCursor ?? '', auditCursor: audit.nextCursor ?? '' },
  };
  expect(Object.entries(settled).filter(([, value]) => value === '')).toEqual([]);
  return settled;
}

const hashOf = (browser: Browser, cookie: string) => sha256(browser.cookies.get(cookie) ?? '');

/** A role of the same id as an employee, so that one number reaches at both. */
async function addRole(tenant: Tenant, id: number, name: string): Promise<void> {
  const base = builtInRoles().find((role) => role.name === 'User');
  if (base === undefined) throw new Error('There is a role User');
  const role = { ...base, id, name, system: false };
  const counts = { internalHolders: 0, externalHolders: 0, version: 1 };
  const item = { schema: 1, type: 'role', tenant: tenant.name, ...role, ...counts };
  await putItem(table, { ...roleKey(tenant.name, id), ...item });
  await transact(table, [
    {
      update: tenantKey(tenant.name),
      set: {
        expression: 'SET #roles.#id = :role',
        names: { '#roles': 'roles', '#id': String(id) },
        values: { ':role': packRole(role) },
      },
    },
  ]);
}

/** Every call that takes a key is made under it, so that there is an answer to be had. */
async function useKey(caller: Caller): Promise<void> {
  for (const route of routes) {
    const [reach] = reachesOf(route).filter(({ by }) => by === 'idempotency-key');
    if (reach) await send(route, reach.callFor(caller, caller), caller);
  }
  const token = caller.accessToken;
  await request('POST', `/v2/hr/employees/${caller.id}/activate`, { token });
}

type Item = Record<string, unknown>;
const nameOf = ({ PK, SK }: Item) => `${String(PK)} ${String(SK)}`;
/** Its attributes in one order: the table gives them in none. */
const written = (item: Item) =>
  JSON.stringify(item, (_, value: unknown) => {
    if (value instanceof Set) return [...value].sort();
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isMap ? Object.fromEntries(Object.entries(value).sort()) : value;
  });

/** All that the table keeps of a company, by its key. */
async function keptOf({ tenant, userName }: Things): Promise<Map<string, string>> {
  const attempts = attemptsKey(tenant, userName, '').PK;
  const found = new Map<string, string>();
  for await (const { Items = [] } of paginateScan(
    { client: new DynamoDBClient({}) },
    { TableName: table.name, ConsistentRead: true },
  )) {
    for (const item of Items.map((one) => unmarshall(one))) {
      if (item.PK === attempts || written(item).includes(tenant)) found.set(nameOf(item), written(item));
    }
  }
  return found;
}

beforeAll(async () => {
  [own, other] = await Promise.all([
    settle(`mallory${Date.now()}`, 'own'),
    settle(`canary${Date.now()}`, SECRET),
  ]);
  nobody = nobodys(other);
  await useKey(other);
  // Its mails are sent, and change nothing any more.
  await vi.waitFor(async () => {
    kept = await keptOf(other);
    expect([...kept.values()].filter((item) => /"outbox":"(pending|sending)"/.test(item))).toEqual([]);
  }, 20_000);
}, 60_000);

/** Places between things, what a company gives names of its own, and what comes along with an id. */
const NAMES_NO_THING = new Set([
  'nothing',
  'Cursor',
  'userName',
  'name',
  'company',
  'if-match',
  'idempotency-key',
]);

const reached = routes
  .filter((route) => reachesOf(route).length > 0)
  .map((route) => [routeKey(route), route] as const);

describe('S14, M16: of another company', () => {
  test.each(reached)('%s shows nothing, and tells nothing from what never was', async (_, route) => {
    for (const reach of reachesOf(route)) {
      const answer = await send(route, reach.callFor(other, own), own);
      expect(answer.text, reach.by).not.toContain(SECRET);
      if (reach.by === 'nothing') continue;
      const twin = await send(route, reach.callFor(nobody, own), own);
      expect(plain(answer, [other, nobody]), reach.by).toBe(plain(twin, [other, nobody]));
    }
  });

  it('nothing is changed by all that, byte for byte; who knocked at its door is noted', async () => {
    const after = await keptOf(other);
    // Others may be called as something of this company is.
    const belonging = new RegExp(`^\\w+#${other.tenant}[# ]|"tenant":"${other.tenant}"`);
    const changed = [...kept].filter(([key, item]) => after.get(key) !== item).map(([key]) => key);
    expect(changed).toEqual([]);
    const added = [...after]
      .filter(([key, item]) => !kept.has(key) && `${key} ${item}`.match(belonging))
      .map(([key]) => key.replace(/#.*/, ''));
    expect([...new Set(added)].sort()).toEqual(['AUDIT', 'RESET', 'THROTTLED']);
  });

  /** Reads first; what ends the account last, so that each call still finds it. */
  const order = ({ method, operationId }: Route) =>
    operationId === 'deleteEmployee' ? 3 : method === 'GET' ? 0 : method === 'DELETE' ? 2 : 1;
  const bearer = reached
    .filter(([, { auth }]) => auth === 'bearer')
    .sort(([, a], [, b]) => order(a) - order(b));

  // Shows that nothing but the company stood in the way: it gets something else for its own than for nothing.
  test.each(bearer)('%s knows its own by the same names', async (_, route) => {
    for (const reach of reachesOf(route)) {
      if (NAMES_NO_THING.has(reach.by)) continue;
      const answer = await send(route, reach.callFor(other, other), other);
      const twin = await send(route, reach.callFor(nobody, other), other);
      const same = plain(answer, [other, nobody]) === plain(twin, [other, nobody]);
      expect(same, `${reach.by}: ${answer.status}`).toBe(false);
    }
  });
});
