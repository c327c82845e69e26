import { beforeAll, describe, expect, it } from 'vitest';
import { Browser, formField, waitForMail } from '../../infra/local/clients.ts';
import { postForm, refreshV2, type V2Tokens } from '../support/oauth.ts';
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
  fetchToken,
  newApiAccount,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';

const SESSION = '__Host-session';

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

  it('M2: a sign-in with a code is refreshed without one', async () => {
    const strict = await newTenant();
    const person = await newPerson(strict);
    const { app } = await enrol((await signInAt(strict.name, person.userName)).browser);
    const form = {
      UserName: person.userName,
      Password: PASSWORD,
      Tenant: strict.name,
      GrantType: 'password',
    };
    const reply = await postForm('/v2/security/authenticate', { ...form, MFACode: await app.code() });
    await requireMfa(strict);
    const refreshed = await refreshV2(reply.body.result as V2Tokens);
    expect(refreshed.status).toBe(200);
    expect((await refreshV2(refreshed.body.result as V2Tokens)).status).toBe(200);
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
    expect((await remove('')).status).toBe(400);
    const none = (await signInAt(tenant.name, (await newPerson(tenant)).userName)).browser;
    const nothing = await sendForm(none, '/account', '/account/second-factor/remove', {
      password: PASSWORD,
      code: '000000',
    });
    expect(nothing.status).toBe(409);
    expect((await remove('000000')).status).toBe(401);
    expect((await remove(await app.code())).html).toContain('The second factor is off');
    expect(await accountStatus(browser)).toBe(401);
    expect((await signInAt(tenant.name, person.userName)).page.url).toBe(`${stack.url}/account`);
    await waitForMail(stack.inboxUrl, { to: person.emailAddress, subject: /second factor was removed/i });
  });

  it('gives new recovery codes by password and code alone; the old ones no longer work', async () => {
    const person = await newPerson(tenant);
    const { browser } = await signInAt(tenant.name, person.userName);
    const { app, recoveryCodes: old } = await enrol(browser);
    const renew = (code: string, password = PASSWORD) =>
      sendForm(browser, '/account/second-factor', '/account/second-factor/codes', { password, code });
    expect((await renew('000000')).status).toBe(401);
    expect((await renew(await app.code(), 'wrong wrong wrong')).status).toBe(401);
    const page = await renew(await app.code());
    const fresh = recoveryCodesOn(page.html);
    expect(new Set([...old, ...fresh]).size).toBe(20);
    expect(await accountStatus(browser)).toBe(200);
    await waitForMail(stack.inboxUrl, { to: person.emailAddress, subject: /new recovery codes/i });

    const lost = (await signInAt(tenant.name, person.userName)).browser;
    const use = (code = '') =>
      sendForm(lost, '/sign-in/recovery', '/sign-in/recovery', { recoveryCode: code });
    expect((await use(old[0])).status).toBe(401);
    expect((await use(fresh[0])).url).toBe(`${stack.url}/sign-in/second-factor`);

    const none = (await signInAt(tenant.name, (await newPerson(tenant)).userName)).browser;
    const nothing = await sendForm(none, '/account', '/account/second-factor/codes', {
      password: PASSWORD,
      code: '000000',
    });
    expect(nothing.status).toBe(409);
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
    const page = await lost.get(`${stack.url}/account/second-factor`);
    expect(page.html).toContain('Recovery codes left: 10.');
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
  const before = (await signInAt(strict.name, person.userName)).browser;
  await requireMfa(strict);
  expect(await accountStatus(before)).toBe(401);
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
