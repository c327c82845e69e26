import { beforeAll, describe, expect, it, test } from 'vitest';
import { Browser, formField, readInbox, waitForMail } from '../../infra/local/clients.ts';
import { useStackEnvironment } from '../support/environment.ts';
import {
  authenticate,
  confirmKey,
  enrol,
  newPerson,
  recoveryCodesOn,
  requireMfa,
  sendForm,
  signInAt,
} from '../support/people.ts';
import {
  choosePassword,
  fetchToken,
  mailedLink,
  newApiAccount,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';

const SESSION = '__Host-session';
const NEW_PASSWORD = 'eleven patient harbours';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 40 });
});

/** What a naive look-then-delete lets through, for comparison: each reader finds the code there. */
async function naiveUses(count: number): Promise<number> {
  const codes = new Set(['code']);
  const use = async () => {
    const found = codes.has('code');
    await new Promise((resolve) => setImmediate(resolve));
    return found && (codes.delete('code') || found);
  };
  return (await Promise.all(Array.from({ length: count }, use))).filter(Boolean).length;
}

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
  ])('ends on the next request after %s (M18)', async (_, change) => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    expect(await accountStatus(browser)).toBe(200);
    expect(await change(tenant, person.id)).toMatchObject({ status: 200 });
    expect(await accountStatus(browser)).toBe(401);
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

describe('a second factor', () => {
  it('is asked for at sign-in once it is on; a code works once', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const { app, page, recoveryCodes } = await enrol(browser);
    expect(page.status).toBe(200);
    expect(recoveryCodes).toHaveLength(10);
    expect(new Set(recoveryCodes).size).toBe(10);
    expect(await accountStatus(browser)).toBe(200);
    await waitForMail(stack.inboxUrl, { to: person.emailAddress, subject: /second factor was added/i });

    const code = await app.code();
    const signedIn = await signInAt(tenant.name, person.userName);
    expect(signedIn.page.url).toBe(`${stack.url}/sign-in/code`);
    const done = await sendForm(signedIn.browser, '/sign-in/code', '/sign-in/code', { code });
    expect(done.url).toBe(`${stack.url}/account`);
    const replayed = await signInAt(tenant.name, person.userName);
    const refused = await sendForm(replayed.browser, '/sign-in/code', '/sign-in/code', { code });
    expect(refused.status).toBe(401);
    expect(refused.html).toContain('was used before');
    expect(replayed.browser.cookies.has(SESSION)).toBe(false);
    expect(await accountStatus(replayed.browser)).toBe(401);
  });

  it('counts wrong codes as failed sign-ins: after four no code is taken, not even the right one', async () => {
    const person = await newPerson(tenant);
    const { app } = await enrol((await signInAt(tenant.name, person.userName)).browser);
    const statuses: number[] = [];
    for (let guess = 0; guess < 5; guess += 1) {
      // The right password in between gives no budget back.
      statuses.push((await authenticate(tenant.name, person.userName, { MFACode: '000000' })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 401, 429]);
    const right = await authenticate(tenant.name, person.userName, { MFACode: await app.code() });
    expect(right).toMatchObject({ status: 429, error: { reason: 'throttled' } });
  });

  it('no code at all costs nothing of the budget', async () => {
    const person = await newPerson(tenant);
    const { app } = await enrol((await signInAt(tenant.name, person.userName)).browser);
    for (let time = 0; time < 6; time += 1) {
      const reply = await authenticate(tenant.name, person.userName);
      expect(reply).toMatchObject({ status: 403, error: { reason: 'mfa_required' } });
    }
    const passed = await authenticate(tenant.name, person.userName, { MFACode: await app.code() });
    expect(passed.status).toBe(200);
  });

  it('MFACode of authenticate is used; wrong and replayed codes are refused by name', async () => {
    const person = await newPerson(tenant);
    const { app } = await enrol((await signInAt(tenant.name, person.userName)).browser);
    const code = await app.code();
    const shown = `${code.slice(0, 3)} ${code.slice(3)}`;
    expect((await authenticate(tenant.name, person.userName, { MFACode: shown })).status).toBe(200);
    for (const MFACode of [code, '12345', 'abcdef']) {
      const reply = await authenticate(tenant.name, person.userName, { MFACode });
      expect(reply, MFACode).toMatchObject({ status: 401, error: { reason: 'mfa_code_wrong' } });
    }
    expect(await fetchToken(person.user, PASSWORD)).toMatchObject({ status: 400, reason: 'mfa_required' });
  });

  it('of concurrent enrolments one passes, and its codes alone count', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const start = () =>
      sendForm(browser, '/account/second-factor', '/account/second-factor/start', { password: PASSWORD });
    const [first, second] = [await start(), await start()];
    const stale = await confirmKey(browser, first.html, '/account/second-factor');
    expect(stale.page.status).toBe(401);
    expect(stale.recoveryCodes).toEqual([]);

    const secret = formField(second.html, 'secret');
    const { codeAt, stepOf } = await import('../../infra/local/user-pool/totp.ts');
    const step = stepOf(Date.now());
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const outcomes = await Promise.all(
      [step - 1, step, step + 1].map(async (at) => {
        const reply = await fetch(`${stack.url}/account/second-factor`, {
          method: 'POST',
          headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            secret,
            password: PASSWORD,
            code: codeAt(secret, at),
            formToken: formField(second.html, 'formToken'),
          }),
        });
        return recoveryCodesOn(await reply.text()).length;
      }),
    );
    expect(outcomes.sort()).toEqual([0, 0, 10]);
  });

  it('is removed by password and code alone, and every session ends', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const { app } = await enrol(browser);
    const remove = (code: string) =>
      sendForm(browser, '/account/second-factor', '/account/second-factor/remove', {
        password: PASSWORD,
        code,
      });
    expect((await remove('')).status).toBe(401);
    expect((await remove('000000')).status).toBe(401);
    expect((await remove(await app.code())).html).toContain('The second factor is off');
    expect(await accountStatus(browser)).toBe(401);
    expect((await signInAt(tenant.name, person.userName)).page.url).toBe(`${stack.url}/account`);
    await waitForMail(stack.inboxUrl, { to: person.emailAddress, subject: /second factor was removed/i });
  });

  it('cannot be replaced by starting another enrolment', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const { app } = await enrol(browser);
    const again = await sendForm(browser, '/account/second-factor', '/account/second-factor/start', {
      password: PASSWORD,
    });
    expect(again.status).toBe(409);
    const passed = await authenticate(tenant.name, person.userName, { MFACode: await app.code() });
    expect(passed.status).toBe(200);
  });
});

describe('a lost phone', () => {
  it('a recovery code works once, after the right password, switches the factor off and forces a new one', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const { recoveryCodes } = await enrol(browser);
    const [code = ''] = recoveryCodes;
    const stranger = new Browser();
    expect((await stranger.get(`${stack.url}/sign-in/recovery`)).status).toBe(401);

    const lost = (await signInAt(tenant.name, person.userName)).browser;
    const wrong = await sendForm(lost, '/sign-in/recovery', '/sign-in/recovery', {
      recoveryCode: 'AAAA-BBBB-CCCC-DDDD',
    });
    expect(wrong.status).toBe(401);
    const used = await sendForm(lost, '/sign-in/recovery', '/sign-in/recovery', {
      recoveryCode: code.toLowerCase().replaceAll('-', ' '),
    });
    expect(used.url).toBe(`${stack.url}/sign-in/second-factor`);
    expect(lost.cookies.has(SESSION)).toBe(false);
    expect(await accountStatus(browser)).toBe(401);
    await waitForMail(stack.inboxUrl, { to: person.emailAddress, subject: /recovery code was used/i });

    // Without the setting, too: no token and no session before the new factor.
    const reply = await authenticate(tenant.name, person.userName);
    expect(reply).toMatchObject({ status: 403, error: { reason: 'mfa_enrollment_required' } });
    const key = await sendForm(lost, '/sign-in/second-factor', '/sign-in/second-factor/start', {
      password: PASSWORD,
    });
    const enrolled = await confirmKey(lost, key.html, '/sign-in/second-factor');
    expect(enrolled.recoveryCodes).toHaveLength(10);
    expect(await accountStatus(lost)).toBe(200);

    const again = (await signInAt(tenant.name, person.userName)).browser;
    const second = await sendForm(again, '/sign-in/recovery', '/sign-in/recovery', { recoveryCode: code });
    expect(second.status).toBe(401);
  });

  it('of 20 uses of one recovery code at once one passes', async () => {
    expect(await naiveUses(20)).toBe(20);
    const person = await newPerson(tenant);
    const { recoveryCodes } = await enrol((await signInAt(tenant.name, person.userName)).browser);
    const lost = (await signInAt(tenant.name, person.userName)).browser;
    const screen = await lost.get(`${stack.url}/sign-in/recovery`);
    const cookie = [...lost.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const reply = await fetch(`${stack.url}/sign-in/recovery`, {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({
            recoveryCode: recoveryCodes[0] ?? '',
            formToken: formField(screen.html, 'formToken'),
          }),
        });
        return reply.status;
      }),
    );
    expect(statuses.filter((status) => status === 303)).toHaveLength(1);
    expect(statuses.filter((status) => status !== 303 && status !== 401 && status !== 429)).toEqual([]);
  });

  it('an admin resets it within the own rights; the owner is mailed; API Employees have none', async () => {
    const person = await newPerson(tenant);
    await enrol((await signInAt(tenant.name, person.userName)).browser);
    const helper = await newPerson(tenant, { securityRoleIds: [ROLES.serviceDeskManager] });
    await request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, {
      token: tenant.admin,
      body: { apiAccess: true, rights: { hr: ['view', 'modify'] } },
    });
    const path = `/v2/hr/employees/${person.id}/resetfactor`;
    const token = (await fetchToken(helper.user, PASSWORD)).access_token ?? '';
    expect((await request('POST', path, { token })).error?.reason).toBe('beyond_own_rights');
    expect((await request('POST', path, { token: tenant.admin })).status).toBe(200);
    expect((await authenticate(tenant.name, person.userName)).status).toBe(200);
    await waitForMail(stack.inboxUrl, { to: person.emailAddress, subject: /admin reset the second factor/i });
    const bot = await newApiAccount(tenant);
    const refused = await request('POST', `/v2/hr/employees/${bot.id}/resetfactor`, { token: tenant.admin });
    expect(refused.error?.reason).toBe('no_factor_for_api_employee');
  });
});

it('with the setting on, a person without a factor is led to set one up, and gets no session before (M2)', async () => {
  const strict = await newTenant();
  const person = await newPerson(strict);
  await requireMfa(strict);
  const reply = await authenticate(strict.name, person.userName);
  expect(reply).toMatchObject({ status: 403, error: { reason: 'mfa_enrollment_required' } });
  expect(reply.error?.message).toContain(`${stack.url}/`);
  const { browser, page } = await signInAt(strict.name, person.userName);
  expect(page.html).toContain('Set up your authenticator app');
  expect(browser.cookies.has(SESSION)).toBe(false);
  const { app, recoveryCodes } = await confirmKey(browser, page.html, '/sign-in/second-factor');
  expect(recoveryCodes).toHaveLength(10);
  expect(await accountStatus(browser)).toBe(200);
  expect((await authenticate(strict.name, person.userName, { MFACode: await app.code() })).status).toBe(200);
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
