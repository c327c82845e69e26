import { beforeAll, describe, expect, it } from 'vitest';
import { Browser, formField } from '../../infra/local/clients.ts';
import {
  fetchToken,
  mailedLink,
  newEmployee,
  newTenant,
  ROLES,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';

const FORM = `${stack.url}/password/new`;

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  const apiAccess = { token: tenant.admin, body: { apiAccess: true } };
  await request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, apiAccess);
});

async function invited(fields: Record<string, unknown> = {}) {
  const roles = { securityRoleIds: [ROLES.serviceDeskManager] };
  const employee = await newEmployee(tenant, { ...roles, sendInstructions: true, ...fields });
  const link = await mailedLink(employee.emailAddress);
  return { ...employee, link, user: `${tenant.name}\\${employee.userName}` };
}

describe('two links open in one browser (S15)', () => {
  it('never give the password of one tab to the account of the other', async () => {
    const [one, two] = [await invited(), await invited()];
    const browser = new Browser();
    const first = await browser.get(one.link);
    await browser.get(two.link);
    const password = 'the words of the first account';
    const formToken = formField(first.html, 'formToken');
    const sent = await browser.post(FORM, { password, confirmation: password, formToken });
    expect(sent.status).toBe(403);
    expect(sent.html).toContain('Open the link in the mail again');
    expect(sent.html).not.toContain('<form');
    expect((await fetchToken(two.user, password)).status).toBe(401);
    expect((await fetchToken(one.user, password)).status).toBe(401);
  });

  it('are both good, one opened after the other', async () => {
    const [one, two] = [await invited(), await invited()];
    const browser = new Browser();
    await browser.get(one.link);
    await browser.get(two.link);
    for (const { link, user } of [one, two]) {
      const password = `quiet lanterns of ${user.slice(-4)}`;
      const formToken = formField((await browser.get(link)).html, 'formToken');
      const sent = await browser.post(FORM, { password, confirmation: password, formToken });
      expect(sent.status).toBe(200);
      expect((await fetchToken(user, password)).status).toBe(200);
    }
  });
});

it.each(['API Employee', 'Employee'])('tells an %s whose password is set', async (userType) => {
  const account = await invited({ userType });
  const browser = new Browser();
  const password = 'seventeen quiet lanterns';
  const formToken = formField((await browser.get(account.link)).html, 'formToken');
  const { html } = await browser.post(FORM, { password, confirmation: password, formToken });
  expect(html).toContain(`<strong>${account.userName}</strong>`);
});
