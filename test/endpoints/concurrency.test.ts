import { expect, it } from 'vitest';
import { Browser, formField } from '../../infra/local/clients.ts';
import {
  fetchToken,
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  ROLES,
  request,
  stack,
} from '../support/world.ts';

/** What a naive get-then-put lets through, for comparison: each reader sees the same state, then all write. */
async function naiveRedemptions(count: number): Promise<number> {
  const link = { used: false };
  const redeem = async () => {
    const { used } = link;
    await new Promise((resolve) => setImmediate(resolve));
    if (used) return false;
    link.used = true;
    return true;
  };
  const outcomes = await Promise.all(Array.from({ length: count }, redeem));
  return outcomes.filter(Boolean).length;
}

it('R1: of 200 concurrent redemptions of one link exactly one succeeds, and its password alone signs in', {
  timeout: 240_000,
}, async () => {
  expect(await naiveRedemptions(200)).toBe(200);
  const tenant = await newTenant();
  const account = await newApiAccount(tenant);
  for (let round = 1; round <= 20; round += 1) {
    await request('POST', `/v2/hr/employees/${account.id}/resetinstructions`, { token: tenant.admin });
    const browser = new Browser();
    const screen = await browser.get(await mailedLink(account.emailAddress, round + 1));
    const formToken = formField(screen.html, 'formToken');
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const password = `concurrent words ${round} number ${index}`;
        const reply = await fetch(`${stack.url}/password/new`, {
          method: 'POST',
          headers: {
            cookie,
            'content-type': 'application/x-www-form-urlencoded',
            'sec-fetch-site': 'same-origin',
          },
          body: new URLSearchParams({ password, confirmation: password, formToken }),
          redirect: 'manual',
        });
        return { password, status: reply.status };
      }),
    );
    const winners = outcomes.filter(({ status }) => status === 200);
    expect(winners).toHaveLength(1);
    expect(outcomes.filter(({ status }) => status !== 200 && status !== 409 && status !== 410)).toEqual([]);
    expect((await fetchToken(account.user, winners[0]?.password ?? '')).status).toBe(200);
    const loser = outcomes.find(({ status }) => status !== 200);
    expect((await fetchToken(account.user, loser?.password ?? '')).status).toBe(401);
  }
});

it('R2: of 200 concurrent creates of one user name, in case and Unicode variants, one succeeds', async () => {
  const tenant = await newTenant();
  const variants = ['straße', 'STRASSE', 'Strasse', 'ｓｔｒａｓｓｅ', 'straſſe'];
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, (_, index) =>
      request('POST', '/v2/hr/employees', {
        token: tenant.admin,
        body: {
          userName: variants[index % variants.length],
          userType: 'API Employee',
          firstName: 'R',
          lastName: 'Two',
          securityRoleIds: [ROLES.user],
        },
      }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(outcomes.filter(({ error }) => error?.reason === 'user_name_taken')).toHaveLength(199);
  const list = await request('GET', '/v2/hr/employees?Filter.UserType=API%20Employee', {
    token: tenant.admin,
  });
  expect(list.totalRecords).toBe(1);
  expect(list.result).toHaveLength(1);
  const role = await request('GET', `/v2/admin/security/roles/${ROLES.user}`, { token: tenant.admin });
  expect(role.result).toMatchObject({ internalHolders: 1 });
});

it('M10: concurrent creates never exceed the licences', async () => {
  const tenant = await newTenant({ licences: 4 });
  const outcomes = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      request('POST', '/v2/hr/employees', {
        token: tenant.admin,
        body: { userName: `person-${index}`, userType: 'Employee', firstName: 'P', lastName: 'N' },
      }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(outcomes.filter(({ error }) => error?.reason === 'licences_exhausted')).toHaveLength(37);
});

it('the newest link voids the older', async () => {
  const tenant = await newTenant();
  const employee = await newEmployee(tenant, { sendInstructions: true });
  const first = await mailedLink(employee.emailAddress);
  await request('POST', `/v2/hr/employees/${employee.id}/resetinstructions`, { token: tenant.admin });
  const second = await mailedLink(employee.emailAddress, 2);
  expect((await new Browser().get(first)).status).toBe(410);
  expect((await new Browser().get(second)).status).toBe(200);
});
