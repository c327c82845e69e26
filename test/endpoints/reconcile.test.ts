import { randomBytes, randomUUID } from 'node:crypto';
import {
  AdminEnableUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { beforeAll, describe, expect, it, test } from 'vitest';
import type { Deps } from '../../functions/reconcile/deps.ts';
import { emptyReport } from '../../functions/reconcile/report.ts';
import { reconcileStrayUsers } from '../../functions/reconcile/stray-users.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { licencesKey, owedEntry, resetKey, retiredCredentialKey } from '../../shared/store/keys.ts';
import { newReset } from '../../shared/store/resets.ts';
import { putItem, toAttributes } from '../../shared/store/table.ts';
import { reconcileDeps, report, runLater } from '../support/reconcile.ts';
import {
  choosePassword,
  fetchToken,
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  PASSWORD,
  request,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

let deps: Deps;
beforeAll(() => {
  deps = reconcileDeps();
});
const run = (tenant: Tenant, orders?: object) => runLater(deps, tenant, orders);

const newUser = (Username: string) =>
  deps.client.call('AdminCreateUser', { UserPoolId: deps.poolId, Username, MessageAction: 'SUPPRESS' });
async function isEnabled(Username: string): Promise<boolean | undefined> {
  const user = await deps.client.call('AdminGetUser', { UserPoolId: deps.poolId, Username });
  return user.Enabled;
}
const orphanOf = (tenant: Tenant, id: number) => `${tenant.name}.${id}.a${randomBytes(10).toString('hex')}`;

/** The Cognito user that the account points to. */
async function userOf(tenant: Tenant, id: number): Promise<string> {
  const employee = await readEmployee(deps.table, tenant.name, id);
  return cognitoUserName({ tenant: tenant.name, employeeId: id, generation: employee?.generation ?? '' });
}

test('a company in order is found in order', async () => {
  const tenant = await newTenant();
  await newApiAccount(tenant);
  await newEmployee(tenant, { userType: 'Employee' });
  // The mails of a moment ago are on their way.
  await expect.poll(async () => (await run(tenant)).owedMails.found, { timeout: 10_000 }).toBe(0);
  expect(await run(tenant)).toEqual({
    ...emptyReport(false),
    tenants: 1,
    employees: 3,
    cognitoUsers: 2,
  });
});

describe('R7 a mail that was given up', () => {
  /** As it stands when its record went to the dead letters: the stream will not tell of it again. */
  async function givenUp(tenant: Tenant, employeeId: number): Promise<string> {
    const reset = newReset({ tenant: tenant.name, employeeId, requestedBy: 'admin' }, new Date());
    await putItem(deps.table, { ...reset, outbox: 'sending' });
    return reset.id;
  }

  it('is found, and leaves with a repair alone', async () => {
    const tenant = await newTenant();
    const { id, emailAddress } = await newEmployee(tenant);
    const reset = await givenUp(tenant, id);
    expect((await run(tenant)).owedMails).toEqual({ found: 1, woken: 0 });
    expect((await run(tenant, { repair: true })).owedMails).toEqual({ found: 1, woken: 1 });
    expect(await mailedLink(emailAddress)).toContain(reset);
    await expect.poll(async () => (await run(tenant)).owedMails.found, { timeout: 5000 }).toBe(0);
  });

  it('is left alone while it is owed for a short time only, unless that is asked for', async () => {
    const tenant = await newTenant();
    const { id } = await newEmployee(tenant);
    await givenUp(tenant, id);
    const now = (orders: object) => report(deps, orders);
    expect((await now({ tenant: tenant.name })).owedMails.found).toBe(0);
    expect((await now({ tenant: tenant.name, owedForMinutes: 0 })).owedMails.found).toBe(1);
  });

  it('of another company stays as it is', async () => {
    const [one, other] = [await newTenant(), await newTenant()];
    await givenUp(one, (await newEmployee(one)).id);
    expect((await run(other, { repair: true })).owedMails).toEqual({ found: 0, woken: 0 });
    expect((await run(one)).owedMails.found).toBe(1);
  });

  it('leaves the list once it is sent, and the notice of the new password does too', async () => {
    const tenant = await newTenant();
    await newApiAccount(tenant);
    const ofNow = () => report(deps, { tenant: tenant.name, owedForMinutes: 0 });
    await expect.poll(async () => (await ofNow()).owedMails.found, { timeout: 5000 }).toBe(0);
  });
});

describe('R6 a Cognito user that no account points to', () => {
  it('as a crash leaves it behind, is retired; the account is untouched', async () => {
    const tenant = await newTenant();
    const bot = await newApiAccount(tenant);
    const orphan = orphanOf(tenant, bot.id);
    await newUser(orphan);
    expect((await run(tenant)).orphans).toEqual({ found: 1, retired: 0, users: [orphan] });
    expect(await isEnabled(orphan)).toBe(true);
    expect((await run(tenant, { repair: true })).orphans).toMatchObject({ found: 1, retired: 1 });
    await expect.poll(() => isEnabled(orphan), { timeout: 10_000 }).toBe(false);
    expect((await run(tenant, { repair: true })).orphans.found).toBe(0);
    await tokenFor(bot.user, bot.password);
  });

  it('is left alone while the attempt that made it may still be at work', async () => {
    const tenant = await newTenant();
    const { id } = await newEmployee(tenant);
    await newUser(orphanOf(tenant, id));
    const found = await report(deps, { tenant: tenant.name, repair: true });
    expect(found.orphans).toMatchObject({ found: 0, retired: 0 });
  });

  it('of a company that is gone is retired too; of one that is there it is left to that company', async () => {
    const tenant = await newTenant();
    const gone = `gone-${randomBytes(4).toString('hex')}.7.a${randomBytes(10).toString('hex')}`;
    const here = orphanOf(tenant, 7);
    await newUser(gone);
    const report = emptyReport(true);
    const old = new Date(Date.now() - 3_600_000);
    async function* users() {
      for (const name of [gone, here]) yield { name, enabled: true, createdOn: old };
      yield { name: 'by-hand', enabled: true, createdOn: old };
    }
    const orders = { repair: true, resume: false, sendLinks: false, owedForMinutes: 15 };
    await reconcileStrayUsers(deps, orders, users(), report, () => true);
    expect(report.orphans).toEqual({ found: 1, retired: 1, users: [gone] });
    expect(report.foreignUsers).toEqual({ found: 1, users: ['by-hand'] });
    await expect.poll(() => isEnabled(gone), { timeout: 10_000 }).toBe(false);
  });

  it('is disabled once more where that was given up before', async () => {
    const tenant = await newTenant();
    const bot = await newApiAccount(tenant);
    const replaced = await userOf(tenant, bot.id);
    await request('POST', `/v2/hr/employees/${bot.id}/resetinstructions`, { token: tenant.admin });
    await choosePassword(await mailedLink(bot.emailAddress, 2), `${PASSWORD} anew`);
    await expect.poll(() => isEnabled(replaced), { timeout: 10_000 }).toBe(false);
    await new CognitoIdentityProviderClient({}).send(
      new AdminEnableUserCommand({ UserPoolId: deps.poolId, Username: replaced }),
    );
    // Replaced a moment ago it may be about to be disabled.
    expect((await report(deps, { tenant: tenant.name })).stillEnabled.found).toBe(0);
    expect((await run(tenant)).stillEnabled).toEqual({ found: 1, woken: 0, users: [replaced] });
    await run(tenant, { repair: true });
    await expect.poll(() => isEnabled(replaced), { timeout: 10_000 }).toBe(false);
  });
});

describe('an account whose Cognito user is gone', () => {
  it('is told, and gets a link only when asked to; its new password works', async () => {
    const tenant = await newTenant();
    const bot = await newApiAccount(tenant);
    const lost = await userOf(tenant, bot.id);
    await deps.client.call('AdminDeleteUser', { UserPoolId: deps.poolId, Username: lost });
    const account = { tenant: tenant.name, employeeId: bot.id, why: 'missing' };
    expect((await run(tenant, { repair: true })).lostCredentials).toEqual({
      found: 1,
      linksOwed: 0,
      accounts: [{ ...account, link: 'not_asked' }],
    });
    const sent = await report(deps, { tenant: tenant.name, repair: true, sendLinks: true });
    expect(sent.lostCredentials).toEqual({
      found: 1,
      linksOwed: 1,
      accounts: [{ ...account, link: 'owed' }],
    });
    const done = await choosePassword(await mailedLink(bot.emailAddress, 2), `${PASSWORD} anew`);
    expect(done.status).toBe(200);
    await tokenFor(bot.user, `${PASSWORD} anew`);
    expect((await fetchToken(bot.user, PASSWORD)).reason).toBe('credentials_wrong');
    const log = await request('GET', `/v2/hr/employees/${bot.id}/auditlog`, { token: tenant.admin });
    expect(log.result).toContainEqual(
      expect.objectContaining({ action: 'employee.instructions', reason: 'credential_lost' }),
    );
  });

  it('gets no second link while one stands that was not used', async () => {
    const tenant = await newTenant();
    const bot = await newApiAccount(tenant);
    await request('POST', `/v2/hr/employees/${bot.id}/resetinstructions`, { token: tenant.admin });
    const link = await mailedLink(bot.emailAddress, 2);
    const lost = await userOf(tenant, bot.id);
    await deps.client.call('AdminDeleteUser', { UserPoolId: deps.poolId, Username: lost });
    const found = await report(deps, { tenant: tenant.name, repair: true, sendLinks: true });
    expect(found.lostCredentials.accounts).toMatchObject([{ link: 'open' }]);
    expect((await choosePassword(link, `${PASSWORD} anew`)).status).toBe(200);
    expect((await run(tenant)).lostCredentials.found).toBe(0);
  });

  it('or disabled behind its back is told alike; a person starts anew, too', async () => {
    const tenant = await newTenant();
    const user = await userOf(tenant, tenant.adminId);
    await deps.client.call('AdminDisableUser', { UserPoolId: deps.poolId, Username: user });
    const sent = await run(tenant, { repair: true, sendLinks: true });
    expect(sent.lostCredentials.accounts).toMatchObject([{ why: 'disabled', link: 'owed' }]);
    const employee = await readEmployee(deps.table, tenant.name, tenant.adminId);
    expect(employee?.generation).toBeUndefined();
    const done = await choosePassword(await mailedLink(employee?.emailAddress ?? '', 2), PASSWORD);
    expect(done.status).toBe(200);
    await tokenFor(tenant.adminUser, PASSWORD);
  });

  it.each([
    ['account_inactive', { isActive: false }],
    ['mail_address_missing', { emailAddress: null }],
  ])('is told why no link can be mailed: %s', async (link, change) => {
    const tenant = await newTenant();
    const bot = await newApiAccount(tenant);
    await request('PATCH', `/v2/hr/employees/${bot.id}`, { token: tenant.admin, body: change });
    const lost = await userOf(tenant, bot.id);
    await deps.client.call('AdminDeleteUser', { UserPoolId: deps.poolId, Username: lost });
    const { lostCredentials } = await run(tenant, { repair: true, sendLinks: true });
    expect(lostCredentials).toMatchObject({ found: 1, linksOwed: 0, accounts: [{ link }] });
    expect((await readEmployee(deps.table, tenant.name, bot.id))?.generation).toBeDefined();
  });
});

test('counters that are wrong are told with both figures, and never changed', async () => {
  const tenant = await newTenant();
  const set = (used: string) =>
    deps.table.client.call('UpdateItem', {
      TableName: deps.table.name,
      Key: toAttributes(licencesKey(tenant.name)),
      UpdateExpression: 'SET used = :used',
      ExpressionAttributeValues: { ':used': { N: used } },
    });
  await set('3');
  const drift = { tenant: tenant.name, counter: 'licences', stored: 3, counted: 1 };
  expect((await run(tenant, { repair: true })).drift).toEqual([drift]);
  expect((await run(tenant)).drift).toEqual([drift]);
});

test('what stands in the list of owed mails is spread over its parts', () => {
  const parts = new Set(Array.from({ length: 500 }, () => owedEntry(randomUUID(), 0).subjectPK));
  expect(parts.size).toBeGreaterThan(4);
  expect(resetKey('x').PK).not.toMatch(/^OWED/);
  expect(retiredCredentialKey('x').PK).not.toMatch(/^OWED/);
});
