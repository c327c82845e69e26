import axe from 'axe-core';
import jsqr from 'jsqr';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { beforeAll, expect, it } from 'vitest';
import { openPage, picture, useBrowser } from '../support/browser.ts';
import { Authenticator, newPerson, type Person, requireMfa } from '../support/people.ts';
import {
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  PASSWORD,
  stack,
  type Tenant,
} from '../support/world.ts';

const NEW_PASSWORD = 'nine wandering teacups';

useBrowser();
let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 10 });
});

async function signIn(page: Page, person: Person, password = PASSWORD, company = tenant.name): Promise<void> {
  await page.goto(`${stack.url}/?company=${company}`);
  await page.getByLabel('User name').fill(person.userName);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  // A click does not wait for what it sends, and the next page asked for would break that off.
  await page.waitForURL(({ search }) => search === '');
}

/** What an authenticator app reads off the screen. */
async function scan(page: Page): Promise<URL> {
  const picture = PNG.sync.read(await page.locator('svg.qr').screenshot());
  const read = jsqr.default ?? jsqr;
  const found = read(new Uint8ClampedArray(picture.data), picture.width, picture.height);
  return new URL(found?.data ?? 'none:');
}

async function enrolFromPicture(page: Page): Promise<Authenticator> {
  const uri = await scan(page);
  expect(uri.protocol).toBe('otpauth:');
  const app = new Authenticator(uri.searchParams.get('secret') ?? '');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Code from the app').fill(await app.code());
  await page.getByRole('button', { name: 'Switch on the second factor' }).click();
  return app;
}

const heading = (page: Page) => page.textContent('h1');

it('with room for all of it, the navigation stands in one row, whichever place is the current one', async () => {
  const page = await openPage({ viewport: { width: 1280, height: 740 } });
  await signIn(page, await newPerson(tenant));
  for (const name of ['Account', 'Password', 'Second factor', 'Sessions']) {
    await page.getByRole('link', { name }).click();
    const items = await page.locator('nav li').all();
    const boxes = await Promise.all(items.map((item) => item.boundingBox()));
    const middles = boxes.map((box) => (box?.y ?? 0) + (box?.height ?? 0) / 2);
    expect(middles, name).toHaveLength(5);
    expect(Math.max(...middles) - Math.min(...middles), name).toBeLessThan(4);
  }
});

it('enrol from the picture, sign in with a code, a replayed code, a recovery code, a new password, an end elsewhere', async () => {
  const person = await newPerson(tenant);
  const page = await openPage();
  await signIn(page, person);
  expect(await heading(page)).toBe('Signed in as Pat Person');
  await picture(page, 'account-1-who');
  // At phone width the way out stands at the end of the last row, not in a row of its own.
  const [last, out] = await Promise.all([
    page.getByRole('link', { name: 'Sessions' }).boundingBox(),
    page.getByRole('button', { name: 'Sign out' }).boundingBox(),
  ]);
  const middle = (box: typeof last) => (box?.y ?? 0) + (box?.height ?? 0) / 2;
  expect(Math.abs(middle(last) - middle(out))).toBeLessThan(4);
  expect((out?.x ?? 0) + (out?.width ?? 0)).toBeLessThanOrEqual(360 - 16);

  await page.getByRole('link', { name: 'Second factor' }).click();
  await picture(page, 'account-2-start');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Show the key' }).click();
  await picture(page, 'account-3-key');
  const uri = await scan(page);
  expect(decodeURIComponent(uri.pathname)).toContain(person.userName);
  expect(uri.searchParams.get('issuer')).toBe(tenant.name);
  expect(await page.textContent('main')).toContain(
    (uri.searchParams.get('secret') ?? '').match(/.{1,4}/g)?.join(' '),
  );
  const app = await enrolFromPicture(page);
  expect(await heading(page)).toBe('Keep your recovery codes');
  await picture(page, 'account-4-codes');
  await page.getByRole('link', { name: 'Second factor' }).click();
  await picture(page, 'account-4b-factor-on');
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByLabel('Code from the app').fill(await app.code());
  await page.getByRole('button', { name: 'Show new recovery codes' }).click();
  expect(await heading(page)).toBe('Keep your recovery codes');
  await picture(page, 'account-4c-new-codes');
  const [recoveryCode = ''] = await page.locator('.codes code').allTextContents();

  const second = await openPage();
  await signIn(second, person);
  expect(await heading(second)).toBe('Enter your code');
  await picture(second, 'account-5-code');
  const code = await app.code();
  await second.getByLabel('Code from the app').fill(code);
  await second.getByRole('button', { name: 'Sign in' }).click();
  expect(await heading(second)).toBe('Signed in as Pat Person');

  const third = await openPage();
  await signIn(third, person);
  await third.getByLabel('Code from the app').fill(code);
  await third.getByRole('button', { name: 'Sign in' }).click();
  expect(await third.textContent('main')).toMatch(/was used before/);
  await picture(third, 'account-6-replayed');

  await page.getByRole('link', { name: 'Sessions' }).click();
  await picture(page, 'account-7-sessions');
  await page.getByRole('button', { name: /End this session/ }).click();
  expect(await page.textContent('main')).toContain('The session was ended.');
  await second.reload();
  expect(await second.textContent('main')).toMatch(/session has ended/);
  await picture(second, 'account-8-ended');

  await third.getByRole('link', { name: /lost my phone/ }).click();
  await picture(third, 'account-9-recovery');
  await third.getByLabel('Recovery code').fill(recoveryCode);
  await third.getByRole('button', { name: 'Use this code' }).click();
  expect(await heading(third)).toBe('Set up a second factor');
  await third.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await third.getByRole('button', { name: 'Show the key' }).click();
  await picture(third, 'account-10-new-key');
  await enrolFromPicture(third);
  expect(await heading(third)).toBe('Keep your recovery codes');

  await third.getByRole('link', { name: 'Password', exact: true }).click();
  await third.getByLabel('Current password').fill(PASSWORD);
  await third.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
  await third.getByLabel('New password, once more').fill(NEW_PASSWORD);
  await picture(third, 'account-11-password');
  await third.getByRole('button', { name: 'Change password' }).click();
  expect(await third.textContent('main')).toContain('Your password was changed');
  await third.getByRole('button', { name: 'Sign out' }).click();
  expect(await heading(third)).toBe('Sign in');
  await signIn(third, person, NEW_PASSWORD);
  expect(await heading(third)).toBe('Enter your code');
}, 90_000);

it('with the setting on, a person goes from the password to the key to the account (M2)', async () => {
  const strict = await newTenant();
  const person = await newPerson(strict);
  await requireMfa(strict);
  const page = await openPage({ colorScheme: 'dark' });
  await signIn(page, person, PASSWORD, strict.name);
  expect(await heading(page)).toBe('Set up your authenticator app');
  await picture(page, 'strict-1-key-dark');
  await enrolFromPicture(page);
  await picture(page, 'strict-2-codes-dark');
  await page.getByRole('link', { name: /go to my account/ }).click();
  expect(await heading(page)).toBe('Signed in as Pat Person');
  await picture(page, 'strict-3-account-dark');
});

it('the pages work by keyboard alone: sign in, walk the links, sign out', async () => {
  const person = await newPerson(tenant);
  const page = await openPage();
  await page.goto(`${stack.url}/?company=${tenant.name}`);
  // The page begins at the user name: the company came with the link.
  await page.locator('#userName:focus').waitFor();
  await page.keyboard.type(person.userName);
  await tabTo(page, '#password');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Signed in as' }).waitFor();
  await tabTo(page, 'a[href="/account/password"]');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Change your password' }).waitFor();
  await tabTo(page, 'nav button');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
  expect(new URL(page.url()).searchParams.get('company')).toBe(tenant.name);
});

const MOST_TABS = 12;

async function tabTo(page: Page, selector: string): Promise<void> {
  for (let press = 0; press < MOST_TABS; press += 1) {
    await page.keyboard.press('Tab');
    if ((await page.locator(`${selector}:focus`).count()) > 0) return;
  }
  throw new Error(`${selector} cannot be reached by keyboard`);
}

type Violation = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] };

async function seriousProblems(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: axe.source });
  const violations = (await page.evaluate('axe.run().then((found) => found.violations)')) as Violation[];
  return violations.map(
    ({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  );
}

it.each(['light', 'dark'] as const)(
  'axe finds nothing on any page when %s',
  async (scheme) => {
    const person = await newPerson(tenant);
    const bot = await newApiAccount(tenant);
    // With JavaScript, which the checker is written in; the pages themselves have none.
    const page = await openPage({ javaScriptEnabled: true, bypassCSP: true, colorScheme: scheme });
    const found: Record<string, string[]> = {};
    const check = async (name: string) => {
      const problems = await seriousProblems(page);
      if (problems.length > 0) found[name] = problems;
    };
    await page.goto(`${stack.url}/`);
    await check('gateway');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await check('gateway with errors');
    await page.goto(`${stack.url}/password/reset`);
    await check('reset');
    const invited = await newEmployee(tenant, { sendInstructions: true });
    const link = await mailedLink(invited.emailAddress);
    await page.goto(link);
    await check('new password');
    await page.getByRole('button').click();
    await check('new password with errors');
    await page.getByLabel('New password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('New password, once more').fill(PASSWORD);
    await page.getByRole('button').click();
    expect(await heading(page)).toBe('Your password is set');
    await check('password set');
    await page.goto(link);
    await check('link used');
    await signIn(page, { ...person, userName: bot.userName });
    await check('no UI access');
    await page.goto(`${stack.url}/account`);
    await check('not signed in');
    await page.goto(`${stack.url}/sign-in/code`);
    await check('sign-in broken off');
    await signIn(page, person);
    for (const path of ['/account', '/account/password', '/account/second-factor', '/account/sessions']) {
      await page.goto(`${stack.url}${path}`);
      await check(path);
    }
    await page.goto(`${stack.url}/account/password`);
    await page.getByRole('button', { name: 'Change password' }).click();
    await check('password with errors');
    await page.goto(`${stack.url}/account/second-factor`);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Show the key' }).click();
    await check('key');
    await page.getByRole('button', { name: 'Switch on' }).click();
    await check('key with errors');
    const app = await enrolFromPicture(page);
    await check('recovery codes');
    await page.goto(`${stack.url}/account/second-factor`);
    await check('factor on');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor();
    await signIn(page, person);
    await check('code');
    await page.goto(`${stack.url}/sign-in/recovery`);
    await check('recovery');
    await page.goto(`${stack.url}/sign-in/code`);
    await page.getByLabel('Code from the app').fill(await app.code());
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Signed in as' }).waitFor();
    await page.goto(`${stack.url}/account/second-factor`);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Code from the app').fill(await app.code());
    await page.getByRole('button', { name: 'Remove' }).click();
    expect(await heading(page)).toBe('The second factor was removed');
    await check('factor removed');
    await page.context().close();
    expect(found).toEqual({});
  },
  60_000,
);
