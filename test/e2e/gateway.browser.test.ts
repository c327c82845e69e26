import { beforeAll, expect, it } from 'vitest';
import { openPage, picture, useBrowser } from '../support/browser.ts';
import {
  fetchToken,
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  PASSWORD,
  ROLES,
  stack,
  type Tenant,
} from '../support/world.ts';

useBrowser();
let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
});

it('gateway → reset → mail → link → new password → done; the link a second time is refused (M3)', async () => {
  const employee = await newEmployee(tenant, { securityRoleIds: [ROLES.administrator] });
  const page = await openPage();
  await page.goto(`${stack.url}/?company=${tenant.name}`);
  await picture(page, '1-gateway');
  await page.getByLabel('User name').fill(employee.userName);
  await page.getByRole('button', { name: 'Reset password' }).click();
  expect(await page.textContent('main')).toMatch(/on its way/i);
  await picture(page, '2-sent');

  const link = await mailedLink(employee.emailAddress);
  await page.goto(link);
  expect(page.url()).toBe(`${stack.url}/password/new`); // The secret has left the address bar (S4).
  await picture(page, '4-new-password');
  await page.getByLabel('New password', { exact: true }).fill('short');
  await page.getByLabel('New password, once more').fill('short');
  await page.getByRole('button').click();
  expect(await page.textContent('main')).toMatch(/at least 15/);
  await picture(page, '5-too-short');
  await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('New password, once more').fill(PASSWORD);
  await page.getByRole('button').click();
  expect(await page.textContent('h1')).toMatch(/password is set/i);
  await picture(page, '6-done');
  // What the heading says is not said again, and no line of the command is broken.
  expect((await page.textContent('main'))?.match(/is set/g)).toHaveLength(1);
  const command = page.locator('pre');
  expect((await command.textContent())?.split('\n')).toHaveLength(3);
  const lineHeight = 24;
  expect((await command.boundingBox())?.height).toBeLessThan(5.5 * lineHeight);
  expect((await page.locator('body').boundingBox())?.width).toBe(360);
  expect((await fetchToken(`${tenant.name}\\${employee.userName}`, PASSWORD)).status).toBe(200);

  const second = await openPage();
  const reply = await second.goto(link);
  expect(reply?.status()).toBe(410);
  expect(await second.textContent('main')).toMatch(/already used/i);
  await picture(second, '7-used');
  await second.getByRole('link', { name: /ask for a new link/i }).click();
  expect(new URL(second.url()).pathname).toBe('/password/reset');
  expect(await second.getByLabel('Company').inputValue()).toBe(tenant.name);
});

it('an API Employee with the right password is told that it has no UI access, with a wrong one what anybody is told (M7)', async () => {
  const account = await newApiAccount(tenant);
  const page = await openPage();
  const signIn = async (password: string) => {
    await page.goto(`${stack.url}/?company=${tenant.name}`);
    await page.getByLabel('User name').fill(account.userName);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: /sign in/i }).click();
    return (await page.textContent('main')) ?? '';
  };
  expect(await signIn('wrong wrong wrong')).toMatch(/company, the user name or the password is wrong/i);
  await picture(page, '8-wrong');
  const told = await signIn(account.password);
  expect(told).toMatch(/no access to the user interface/i);
  await picture(page, '9-no-ui');
  expect(await page.getByRole('button', { name: 'Reset password' }).count()).toBeGreaterThan(0);
});

it('an Employee is signed in by name', async () => {
  const page = await openPage();
  await page.goto(`${stack.url}/`);
  await page.getByLabel('Company').fill(tenant.name);
  await page.getByLabel('User name').fill('alice');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: /sign in/i }).click();
  expect(await page.textContent('main')).toContain('Signed in as Alice Archer');
  await picture(page, '10-signed-in');
});
