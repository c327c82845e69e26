import { beforeAll, describe, expect, it } from 'vitest';
import { functions } from '../../infra/functions.ts';
import type { Route } from '../../shared/routes/route.ts';
import { builtInRoles } from '../../shared/rules/built-in-roles.ts';
import { hasRight } from '../../shared/rules/rights.ts';
import {
  choosePassword,
  mailedLink,
  newEmployee,
  newTenant,
  PASSWORD,
  request,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 50 });
});

const routes: Route[] = functions
  .flatMap(({ trigger }) => (trigger.kind === 'http' ? trigger.routes : []))
  .filter(({ auth }) => auth === 'bearer');
/** Ids that nobody has: a call that is let in changes nothing. */
const address = (route: Route) => route.path.replace(/\{\w+\}/g, '2147483647');

describe('S10: every bearer route, role and user type is answered as the table of rights says', () => {
  const internal = builtInRoles().filter(({ external, administrator }) => !external && !administrator);
  const external = builtInRoles().filter((role) => role.external);
  const holders = [
    ...internal.flatMap((role) => [
      { role, userType: 'API Employee' },
      { role, userType: 'Employee' },
    ]),
    ...external.map((role) => ({ role, userType: 'External Employee' })),
  ];

  it.each(holders.map((holder) => ({ ...holder, name: holder.role.name })))(
    '$userType as $name',
    { timeout: 60_000 },
    async ({ role, userType }) => {
      await request('PATCH', `/v2/admin/security/roles/${role.id}`, {
        token: tenant.admin,
        body: { apiAccess: true },
      });
      const employee = await newEmployee(tenant, {
        userType,
        securityRoleIds: [role.id],
        sendInstructions: true,
      });
      await choosePassword(await mailedLink(employee.emailAddress), PASSWORD);
      const token = await tokenFor(`${tenant.name}\\${employee.userName}`, PASSWORD);
      for (const route of routes) {
        if (route.right === null && route.method !== 'GET') continue;
        const reply = await request(route.method, address(route), { token });
        const allowed = route.right === null || hasRight([role], route.right);
        const refused = reply.error?.reason === 'right_missing';
        expect(refused, `${role.name}: ${route.method} ${route.path}`).toBe(!allowed);
        if (refused) expect(reply.status).toBe(403);
        else expect(reply.status).toBeLessThan(500);
      }
    },
  );

  it('without a token none is open', async () => {
    expect(routes.length).toBeGreaterThan(8);
    for (const route of routes) {
      expect((await request(route.method, address(route))).error?.reason).toBe('token_missing');
    }
  });
});
