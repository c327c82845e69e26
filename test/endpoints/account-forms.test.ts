import {
  AdminSetUserMFAPreferenceCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { describe, expect, it, test } from 'vitest';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { replaceRecoveryCodes } from '../../shared/store/second-factors.ts';
import { openTable } from '../../shared/store/table.ts';
import { aroundCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { enrol, newPerson, recoveryCodesOn, sendForm, signInAt } from '../support/people.ts';
import { fetchToken, newTenant, PASSWORD, request, stack, type Tenant } from '../support/world.ts';

const FACTOR = '/account/second-factor';
const CODES = `${FACTOR}/codes`;
const WRONG = { password: 'wrong wrong wrong', code: '123456' };

async function signedIn(tenant: Tenant) {
  const person = await newPerson(tenant);
  const { browser } = await signInAt(tenant.name, person.userName);
  return { person, browser };
}
async function recordsOf(tenant: Tenant, action: string) {
  const log = await request('GET', `/v2/admin/security/auditlog?Filter.Action=${action}&PageSize=100`, {
    token: tenant.admin,
  });
  return log.result as { reason: string; count: number; outcome: string }[];
}

describe('a form that asks for password and code', () => {
  it('sent without them is refused in words, and counts as no guess', async () => {
    const tenant = await newTenant();
    const { person, browser } = await signedIn(tenant);
    const { app } = await enrol(browser);
    for (const form of [CODES, `${FACTOR}/remove`]) {
      for (const fields of [{}, { code: '123456' }, { password: '' }, { password: PASSWORD }]) {
        const page = await sendForm(browser, FACTOR, form, fields);
        expect([form, page.status]).toEqual([form, 400]);
        expect(page.html).toMatch(/Enter (your password|the code)/);
      }
    }
    expect(await recordsOf(tenant, 'factor.codes')).toEqual([]);
    // Eight empty forms later the right password and code are taken at once.
    const fields = { password: PASSWORD, code: await app.code() };
    expect((await sendForm(browser, FACTOR, CODES, fields)).status).toBe(200);
    // And a wrong one is a guess still: the test can fail.
    for (let guess = 0; guess < 12; guess += 1) await sendForm(browser, FACTOR, CODES, WRONG);
    expect((await fetchToken(person.user, WRONG.password)).reason).toBe('throttled');
    // However many come once it is throttled, a minute has one record of them.
    const refused = (await recordsOf(tenant, 'factor.codes')).filter(({ outcome }) => outcome === 'refused');
    const throttled = refused.filter(({ reason }) => reason === 'throttled');
    expect(refused.length - throttled.length).toBe(4);
    expect(throttled.length).toBeLessThanOrEqual(2);
    expect(throttled.reduce((sum, { count }) => sum + count, 0)).toBe(8);
  });

  it('of a person without a second factor shows how to set one up, whatever is typed', async () => {
    const tenant = await newTenant();
    const { browser } = await signedIn(tenant);
    for (const fields of [WRONG, {}, { password: PASSWORD, code: '123456' }]) {
      const page = await sendForm(browser, FACTOR, CODES, fields);
      expect(page.status).toBe(409);
      expect(page.html).toContain(`action="${FACTOR}/start"`);
      expect(page.html).not.toContain(`${FACTOR}/remove`);
    }
  });
});

test('of codes and recovery codes that are guessed beyond the limit, a minute has one record (M17)', async () => {
  const tenant = await newTenant();
  const { person, browser } = await signedIn(tenant);
  await enrol(browser);
  const { browser: guessing } = await signInAt(tenant.name, person.userName);
  const forms: [string, string, Record<string, string>][] = [
    ['/sign-in/code', 'gateway.sign-in', { code: '123456' }],
    ['/sign-in/recovery', 'factor.recovery', { recoveryCode: 'AAAA-BBBB-CCCC-DDDD' }],
  ];
  for (const [form, action, fields] of forms) {
    // The first form uses the budget up for both.
    for (let guess = 0; guess < 12; guess += 1) await sendForm(guessing, form, form, fields);
    const throttled = (await recordsOf(tenant, action)).filter(({ reason }) => reason === 'throttled');
    expect([action, throttled.length <= 2]).toEqual([action, true]);
    expect(throttled.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(8);
  }
});

test('of two sets of recovery codes made at the same moment one counts, and the other is told', async () => {
  const tenant = await newTenant();
  const { person, browser } = await signedIn(tenant);
  await enrol(browser);
  const table = openTable(useStackEnvironment().TABLE_NAME);
  const employee = await readEmployee(table, tenant.name, person.id);
  if (employee === undefined) throw new Error('The person is gone');
  const audit = {
    tenant: tenant.name,
    at: new Date(),
    action: 'factor.codes',
    outcome: 'done',
    actor: { kind: 'owner', id: person.id },
    employeeId: person.id,
  } as const;
  // Neither writes before both have read.
  let reads = 0;
  const bothRead = Promise.withResolvers<void>();
  aroundCalls(table.client, async ({ operation }, next) => {
    if (operation === 'TransactWriteItems') await bothRead.promise;
    const result = await next();
    if (operation === 'GetItem') reads += 1;
    if (reads === 2) bothRead.resolve();
    return result;
  });
  const made = ['one', 'other'].map((code) => replaceRecoveryCodes(table, employee, [code], audit));
  expect((await Promise.all(made)).sort()).toEqual([false, true]);
  expect(await replaceRecoveryCodes(table, employee, ['later'], audit)).toBe(true);
});

test('a factor that the user pool lost gives no recovery codes for the password alone', async () => {
  const tenant = await newTenant();
  const { person, browser } = await signedIn(tenant);
  await enrol(browser);
  const { TABLE_NAME, USER_POOL_ID } = useStackEnvironment();
  const employee = await readEmployee(openTable(TABLE_NAME), tenant.name, person.id);
  const generation = employee?.generation ?? '';
  await new CognitoIdentityProviderClient({}).send(
    new AdminSetUserMFAPreferenceCommand({
      UserPoolId: USER_POOL_ID,
      Username: cognitoUserName({ tenant: tenant.name, employeeId: person.id, generation }),
      SoftwareTokenMfaSettings: { Enabled: false, PreferredMfa: false },
    }),
  );
  const page = await sendForm(browser, FACTOR, CODES, { password: PASSWORD, code: '123456' });
  expect(page.status).toBe(409);
  expect(recoveryCodesOn(page.html)).toEqual([]);
  // It can be taken off, so that the account is set right.
  const removed = await sendForm(browser, FACTOR, `${FACTOR}/remove`, { password: PASSWORD, code: '123456' });
  expect(removed.status).toBeLessThan(400);
});

test('a reset finds nothing to switch off where no factor was ever set up, nor while one is being set up', async () => {
  const tenant = await newTenant();
  const { person } = await signedIn(tenant);
  const reset = async () =>
    (await request('POST', `/v2/hr/employees/${person.id}/resetfactor`, { token: tenant.admin })).status;
  expect(await reset()).toBe(200);
  const again = (await signInAt(tenant.name, person.userName)).browser;
  expect((await sendForm(again, FACTOR, `${FACTOR}/start`, { password: PASSWORD })).status).toBe(200);
  expect(await reset()).toBe(200);
  expect((await again.get(`${stack.url}${FACTOR}`)).status).toBe(401);
  // The account is as before: the password alone signs in, and a factor can be set up.
  await enrol((await signInAt(tenant.name, person.userName)).browser);
});
