import { describe, expect, it, test } from 'vitest';
import { type Route, routeKey } from '../../shared/routes/route.ts';
import { builtInRoles } from '../../shared/rules/built-in-roles.ts';
import type { Right } from '../../shared/rules/rights.ts';
import { USER_TYPES, type UserType } from '../../shared/rules/user-types.ts';
import { routes } from '../support/contract.ts';
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
async function call(route: Route, token: string) {
  const path = route.path.replace(/\{\w+\}/g, NOWHERE);
  const response = await fetch(`${stack.url}${path}`, {
    method: route.method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(route.body ? { 'content-type': 'application/json' } : {}),
    },
    ...(route.body ? { body: '{}' } : {}),
  });
  const text = await response.text();
  const isJson = /json;/.test(response.headers.get('content-type') ?? '');
  const reply = isJson ? (JSON.parse(text) as { error?: { reason: string } | null }) : undefined;
  return { status: response.status, reason: reply?.error?.reason };
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
    const { status, reason } = await call(route, token);
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
