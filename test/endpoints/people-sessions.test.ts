import { beforeAll, describe, expect, it, test } from 'vitest';
import { Browser, formField, readInbox, waitForMail } from '../../infra/local/clients.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { enrol, newPerson, sendForm, signInAt } from '../support/people.ts';
import {
  choosePassword,
  fetchToken,
  mailedLink,
  newTenant,
  operatorRequest,
  PASSWORD,
  request,
  stack,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

const SESSION = '__Host-session';
const NEW_PASSWORD = 'eleven patient harbours';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 40 });
});

const accountStatus = async (browser: Browser) => (await browser.get(`${stack.url}/account`)).status;

describe('a session', () => {
  it('shows who is signed in, the company and the roles', async () => {
    const person = await newPerson(tenant);
    const { page, browser } = await signInAt(tenant.name, person.userName);
    expect(page).toMatchObject({ status: 200, url: `${stack.url}/account` });
    expect(page.html).toContain('Signed in as Pat Person');
    expect(page.html).toContain(tenant.name);
    expect(page.html).toContain('Administrator');
    expect(browser.cookies.get(SESSION)).toMatch(/^[\w-]{43}$/);
  });

  it('is made at sign-in: an id planted before is not taken over (no fixation)', async () => {
    const person = await newPerson(tenant);
    const planted = 'f'.repeat(43);
    const victim = new Browser();
    victim.cookies.set(SESSION, planted);
    await signInAt(tenant.name, person.userName, PASSWORD, victim);
    expect(victim.cookies.get(SESSION)).not.toBe(planted);
    expect(await accountStatus(victim)).toBe(200);
    const attacker = new Browser();
    attacker.cookies.set(SESSION, planted);
    expect(await accountStatus(attacker)).toBe(401);
  });

  it('ends where the same browser signs in again', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const stolen = new Browser();
    stolen.cookies.set(SESSION, browser.cookies.get(SESSION) ?? '');
    expect(await accountStatus(stolen)).toBe(200);
    await signInAt(tenant.name, person.userName, PASSWORD, browser);
    expect(await accountStatus(stolen)).toBe(401);
    expect(await accountStatus(browser)).toBe(200);
  });

  it('a stolen cookie is worth nothing after the sign-out', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const stolen = new Browser();
    for (const [name, value] of browser.cookies) stolen.cookies.set(name, value);
    await sendForm(browser, '/account', '/sign-out', {});
    expect(browser.cookies.has(SESSION)).toBe(false);
    expect(await accountStatus(stolen)).toBe(401);
  });

  test.each<[string, (tenant: Tenant, id: number) => Promise<unknown>]>([
    [
      'a deactivation',
      (t, id) => request('PATCH', `/v2/hr/employees/${id}`, { token: t.admin, body: { isActive: false } }),
    ],
    [
      'the SSO mark',
      (t, id) => request('PATCH', `/v2/hr/employees/${id}`, { token: t.admin, body: { isSso: true } }),
    ],
    [
      'a password set by an admin',
      (t, id) =>
        request('PUT', `/v2/hr/employees/${id}/password`, {
          token: t.admin,
          body: { password: NEW_PASSWORD },
        }),
    ],
    [
      'a reset of the factor',
      (t, id) => request('POST', `/v2/hr/employees/${id}/resetfactor`, { token: t.admin }),
    ],
    ['a revoke', (t, id) => request('POST', `/v2/hr/employees/${id}/revoke`, { token: t.admin })],
  ])('ends on the next request after %s, and a token with it (M18)', async (_, change) => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const token = await tokenFor(person.user, PASSWORD);
    expect(await accountStatus(browser)).toBe(200);
    expect(await change(tenant, person.id)).toMatchObject({ status: 200 });
    expect(await accountStatus(browser)).toBe(401);
    expect((await request('GET', '/v2/security/userinfo', { token })).status).toBe(401);
  });

  it('ends when the company is suspended, and does not come back when it is resumed (M18)', async () => {
    const company = await newTenant();
    const { browser } = await signInAt(company.name, 'alice');
    expect(await accountStatus(browser)).toBe(200);
    const at = `/v2/platform/tenants/${company.name}`;
    expect((await operatorRequest('POST', `${at}/suspend`)).status).toBe(200);
    expect(await accountStatus(browser)).toBe(401);
    expect((await operatorRequest('POST', `${at}/resume`)).status).toBe(200);
    expect(await accountStatus(browser)).toBe(401);
  });

  it('and tokens that the SSO mark ended stay ended when it is taken off again (M18)', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const token = await tokenFor(person.user, PASSWORD);
    for (const isSso of [true, false]) {
      const body = { isSso };
      const reply = await request('PATCH', `/v2/hr/employees/${person.id}`, { token: tenant.admin, body });
      expect(reply.status).toBe(200);
    }
    expect(await accountStatus(browser)).toBe(401);
    expect((await request('GET', '/v2/security/userinfo', { token })).status).toBe(401);
    expect(await tokenFor(person.user, PASSWORD)).toEqual(expect.any(String));
  });

  it('is what the last Administrator keeps: the SSO mark would lock the company out', async () => {
    const company = await newTenant();
    const mark = () =>
      request('PATCH', `/v2/hr/employees/${company.adminId}`, {
        token: company.admin,
        body: { isSso: true },
      });
    expect(await mark()).toMatchObject({ status: 422, error: { reason: 'last_administrator' } });
    await newPerson(company);
    expect((await mark()).status).toBe(200);
  });

  it('ends with a reset of the password, which signs nobody in and leaves the factor on (S3)', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    await enrol(browser);
    expect(await accountStatus(browser)).toBe(200);
    await request('POST', `/v2/hr/employees/${person.id}/resetinstructions`, { token: tenant.admin });
    const done = await choosePassword(await mailedLink(person.emailAddress, 2), NEW_PASSWORD);
    expect(done.status).toBe(200);
    expect(await accountStatus(browser)).toBe(401);
    const again = await signInAt(tenant.name, person.userName, NEW_PASSWORD);
    expect(again.page.url).toBe(`${stack.url}/sign-in/code`);
    expect(again.browser.cookies.has(SESSION)).toBe(false);
  });

  it('is listed, and ended elsewhere', async () => {
    const person = await newPerson(tenant);
    const here = (await signInAt(tenant.name, person.userName)).browser;
    const elsewhere = (await signInAt(tenant.name, person.userName)).browser;
    const list = await here.get(`${stack.url}/account/sessions`);
    const [, id = ''] = /name="session" value="([\w-]{22})"/.exec(list.html) ?? [];
    const ended = await sendForm(here, '/account/sessions', '/account/sessions', { session: id });
    expect(ended.html).toContain('The session was ended.');
    expect(await accountStatus(elsewhere)).toBe(401);
    expect(await accountStatus(here)).toBe(200);
  });

  it("cannot be ended by somebody else who knows the session's id", async () => {
    const [victim, attacker] = [await newPerson(tenant), await newPerson(tenant)];
    const theirs = (await signInAt(tenant.name, victim.userName)).browser;
    const other = (await signInAt(tenant.name, victim.userName)).browser;
    const list = await other.get(`${stack.url}/account/sessions`);
    const [, id = ''] = /name="session" value="([\w-]{22})"/.exec(list.html) ?? [];
    expect(id).not.toBe('');
    const { browser } = await signInAt(tenant.name, attacker.userName);
    await sendForm(browser, '/account/sessions', '/account/sessions', { session: id });
    expect(await accountStatus(theirs)).toBe(200);
  });

  it('takes no form from another origin, nor without the token (S15)', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const screen = await browser.get(`${stack.url}/account/password`);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const send = (headers: Record<string, string>, formToken: string) =>
      fetch(`${stack.url}/sign-out`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams({ formToken }),
      });
    const token = formField(screen.html, 'formToken');
    expect((await send({ 'sec-fetch-site': 'cross-site' }, token)).status).toBe(403);
    expect((await send({ origin: 'https://evil.example' }, token)).status).toBe(403);
    expect((await send({ 'sec-fetch-site': 'same-origin' }, '')).status).toBe(403);
    expect(await accountStatus(browser)).toBe(200);
    expect((await send({ 'sec-fetch-site': 'same-origin' }, token)).status).toBe(303);
    expect(await accountStatus(browser)).toBe(401);
  });
});

describe('my password', () => {
  it('is changed by the current one; every other session and token ends, this one goes on anew', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const other = (await signInAt(tenant.name, person.userName)).browser;
    const token = (await fetchToken(person.user, PASSWORD)).access_token ?? '';
    const before = browser.cookies.get(SESSION);
    const change = (fields: Record<string, string>) =>
      sendForm(browser, '/account/password', '/account/password', {
        current: PASSWORD,
        password: NEW_PASSWORD,
        confirmation: NEW_PASSWORD,
        ...fields,
      });
    expect((await change({ current: 'wrong wrong wrong' })).html).toContain('The current password is wrong.');
    expect((await change({ password: PASSWORD, confirmation: PASSWORD })).status).toBe(422);
    expect((await change({ confirmation: 'something else here' })).status).toBe(400);
    expect((await fetchToken(person.user, PASSWORD)).status).toBe(200);
    expect((await change({})).html).toContain('Your password was changed.');
    expect(browser.cookies.get(SESSION)).not.toBe(before);
    expect(await accountStatus(browser)).toBe(200);
    expect(await accountStatus(other)).toBe(401);
    expect((await request('GET', '/v2/security/userinfo', { token })).status).toBe(401);
    expect((await fetchToken(person.user, PASSWORD)).status).toBe(401);
    expect((await fetchToken(person.user, NEW_PASSWORD)).status).toBe(200);
    await waitForMail(stack.inboxUrl, {
      to: person.emailAddress,
      subject: /password .* was changed/,
      count: 2,
    });
  });
});

describe('a sign-in from a network that is new to the account', () => {
  it('is told to its owner, once; the very first sign-in is not', async () => {
    const { openTable, batchWrite } = await import('../../shared/store/table.ts');
    const { releaseItems, reserveAttempt } = await import('../../shared/store/attempts.ts');
    const { TABLE_NAME } = useStackEnvironment();
    const table = openTable(TABLE_NAME);
    const [known, first] = [await newPerson(tenant), await newPerson(tenant)];
    const account = { tenant: tenant.name, folded: known.userName, network: '203.0.113.9' };
    const slot = await reserveAttempt(table, account, new Date());
    if (!slot.ok) throw new Error('A fresh account has a budget');
    const { puts, deletes } = releaseItems(slot.value, new Date());
    await batchWrite(table, puts, deletes);

    for (const person of [first, known, known]) await signInAt(tenant.name, person.userName);
    await waitForMail(stack.inboxUrl, { to: known.emailAddress, subject: /new sign-in/i });
    const told = (await readInbox(stack.inboxUrl)).filter((mail) => /new sign-in/i.test(mail.subject));
    expect(told.flatMap((mail) => mail.to)).toEqual([known.emailAddress]);
  });
});
