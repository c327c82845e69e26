import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../infra/local/clients.ts';
import { startNaiveFront } from '../support/naive-front.ts';
import { expectOneWinner, redeemAtOnce } from '../support/redemptions.ts';
import {
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  type Reply,
  ROLES,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';

let naive: Awaited<ReturnType<typeof startNaiveFront>>;
beforeAll(async () => {
  naive = await startNaiveFront();
});
afterAll(() => naive.close());

describe('R1', () => {
  // 20 rounds: test/long/redemptions.test.ts.
  it('of 200 concurrent redemptions of one link exactly one succeeds, and its password alone signs in', async () => {
    const tenant = await newTenant();
    const account = await newApiAccount(tenant);
    for (const mails of [2, 3]) {
      const outcomes = await redeemAtOnce(tenant, account, { url: stack.url, times: 200, mails });
      await expectOneWinner(account, outcomes);
    }
  });

  it('would be seen: where writes ask for nothing, several are let through', async () => {
    const tenant = await newTenant();
    const account = await newApiAccount(tenant);
    const outcomes = await redeemAtOnce(tenant, account, { url: naive.url, times: 10, mails: 2 });
    await expect(expectOneWinner(account, outcomes)).rejects.toThrow(/length/);
    expect(outcomes.filter(({ status }) => status === 200).length).toBeGreaterThan(1);
  });
});

const postAtOnce = (tenant: Tenant, url: string, times: number, employee: (index: number) => object) =>
  Promise.all(
    Array.from({ length: times }, (_, index) =>
      request('POST', '/v2/hr/employees', { url, token: tenant.admin, body: employee(index) }),
    ),
  );

describe('R2', () => {
  const variants = ['straße', 'STRASSE', 'Strasse', 'ｓｔｒａｓｓｅ', 'straſſe'];
  const createAtOnce = (tenant: Tenant, url: string, times: number) =>
    postAtOnce(tenant, url, times, (index) => ({
      userName: variants[index % variants.length],
      userType: 'API Employee',
      firstName: 'R',
      lastName: 'Two',
      securityRoleIds: [ROLES.user],
    }));
  async function expectOneCreated(tenant: Tenant, outcomes: readonly Reply[]): Promise<void> {
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
    const taken = outcomes.filter(({ error }) => error?.reason === 'user_name_taken');
    expect(taken).toHaveLength(outcomes.length - 1);
    const list = await request('GET', '/v2/hr/employees?Filter.UserType=API%20Employee', {
      token: tenant.admin,
    });
    expect(list.totalRecords).toBe(1);
    expect(list.result).toHaveLength(1);
    const role = await request('GET', `/v2/admin/security/roles/${ROLES.user}`, { token: tenant.admin });
    expect(role.result).toMatchObject({ internalHolders: 1 });
  }

  it('of 200 concurrent creates of one user name, in case and Unicode variants, one succeeds', async () => {
    const tenant = await newTenant();
    await expectOneCreated(tenant, await createAtOnce(tenant, stack.url, 200));
  });

  it('would be seen: where writes ask for nothing, several succeed', async () => {
    const tenant = await newTenant();
    await expect(expectOneCreated(tenant, await createAtOnce(tenant, naive.url, 10))).rejects.toThrow(
      /length/,
    );
  });
});

describe('M10', () => {
  const LICENCES = 4;
  const createAtOnce = (tenant: Tenant, url: string, times: number) =>
    postAtOnce(tenant, url, times, (index) => ({
      userName: `person-${index}`,
      userType: 'Employee',
      firstName: 'P',
      lastName: 'N',
    }));
  function expectWithinLicences(outcomes: readonly Reply[]): void {
    // The Administrator has one.
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(LICENCES - 1);
    const refused = outcomes.filter(({ error }) => error?.reason === 'licences_exhausted');
    expect(refused).toHaveLength(outcomes.length - LICENCES + 1);
  }

  it('concurrent creates never exceed the licences', async () => {
    const tenant = await newTenant({ licences: LICENCES });
    expectWithinLicences(await createAtOnce(tenant, stack.url, 40));
  });

  it('would be seen: where writes ask for nothing, they do', async () => {
    const tenant = await newTenant({ licences: LICENCES });
    const outcomes = await createAtOnce(tenant, naive.url, 10);
    expect(() => expectWithinLicences(outcomes)).toThrow(/expected/);
  });
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
