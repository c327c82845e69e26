import { beforeAll, describe, expect, it, test } from 'vitest';
import { Browser } from '../../infra/local/clients.ts';
import { enrol, newPerson, requireMfa, sendForm, signInAt } from '../support/people.ts';
import {
  choosePassword,
  fetchToken,
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 6 });
});

const path = (id: number, action = '') => `/v2/hr/employees/${id}${action && `/${action}`}`;
const post = (id: number, action: string) => request('POST', path(id, action), { token: tenant.admin });
const remove = (id: number, token = tenant.admin) => request('DELETE', path(id), { token });
const get = (id: number) => request('GET', path(id), { token: tenant.admin });
const whoAmI = (token: string) => request('GET', '/v2/security/userinfo', { token });

async function licencesUsed(): Promise<number> {
  const company = await request('GET', '/v2/admin/mycompany', { token: tenant.admin });
  return (company.result as { licences: { used: number } }).licences.used;
}

describe('deleting an employee', () => {
  it('frees the user name, the licence and the roles, and leaves nobody behind', async () => {
    const used = await licencesUsed();
    const fields = { userType: 'Employee', userName: 'Leaver', securityRoleIds: [ROLES.projectManager] };
    const employee = await newEmployee(tenant, fields);
    expect(await licencesUsed()).toBe(used + 1);
    expect(await remove(employee.id)).toMatchObject({ status: 200, result: { id: employee.id } });
    expect(await licencesUsed()).toBe(used);
    expect(await get(employee.id)).toMatchObject({ status: 404, error: { reason: 'employee_unknown' } });
    const role = await request('GET', `/v2/admin/security/roles/${ROLES.projectManager}`, {
      token: tenant.admin,
    });
    expect(role.result).toMatchObject({ internalHolders: 0 });
    const successor = await newEmployee(tenant, { ...fields, userName: 'leaver' });
    await remove(successor.id);
  });

  it('ends the tokens and the password of the account at once (M18)', async () => {
    const account = await newApiAccount(tenant);
    const token = await tokenFor(account.user, account.password);
    expect((await remove(account.id)).status).toBe(200);
    expect(await whoAmI(token)).toMatchObject({ status: 401, error: { reason: 'token_dead' } });
    expect((await fetchToken(account.user, account.password)).status).toBe(401);
  });

  it('voids an open link', async () => {
    const employee = await newEmployee(tenant, { sendInstructions: true });
    const link = await mailedLink(employee.emailAddress);
    await remove(employee.id);
    expect((await new Browser().get(link)).status).toBe(404);
    expect((await choosePassword(link, PASSWORD)).status).not.toBe(200);
  });

  it('leaves no half account when its mail is on its way', async () => {
    const employees = await Promise.all(
      Array.from({ length: 5 }, () => newEmployee(tenant, { sendInstructions: true })),
    );
    await Promise.all(employees.map(({ id }) => remove(id)));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const { id } of employees) expect((await get(id)).status).toBe(404);
  });

  it('is refused for the last Administrator', async () => {
    expect(await remove(tenant.adminId)).toMatchObject({
      status: 422,
      error: { reason: 'last_administrator' },
    });
  });

  it('tells a second time that there is nobody', async () => {
    const { id } = await newEmployee(tenant);
    await remove(id);
    expect((await remove(id)).status).toBe(404);
  });
});

describe('activating and deactivating', () => {
  it('takes and gives a licence once, however often it is asked', async () => {
    const used = await licencesUsed();
    const { id } = await newEmployee(tenant, { userType: 'Employee' });
    for (const step of ['deactivate', 'deactivate']) {
      expect(await post(id, step)).toMatchObject({ status: 200, result: { isActive: false } });
    }
    expect(await licencesUsed()).toBe(used);
    for (const step of ['activate', 'activate']) {
      expect(await post(id, step)).toMatchObject({ status: 200, result: { isActive: true } });
    }
    expect(await licencesUsed()).toBe(used + 1);
    await remove(id);
  });

  it('refuses to activate beyond the licences (M10)', async () => {
    const small = await newTenant({ licences: 1 });
    const { id } = await newEmployee(small, { userType: 'Employee', isActive: false });
    const reply = await request('POST', path(id, 'activate'), { token: small.admin });
    expect(reply).toMatchObject({ status: 409, error: { reason: 'licences_exhausted' } });
  });

  it('ends tokens on the next call, and activation brings none back (M18)', async () => {
    const account = await newApiAccount(tenant);
    const token = await tokenFor(account.user, account.password);
    await post(account.id, 'deactivate');
    expect((await whoAmI(token)).status).toBe(401);
    await post(account.id, 'activate');
    expect((await whoAmI(token)).status).toBe(401);
    expect((await whoAmI(await tokenFor(account.user, account.password))).status).toBe(200);
  });
});

describe('revoking', () => {
  it('ends every token on the next call, and the password gives a new one that works (M18)', async () => {
    const account = await newApiAccount(tenant);
    const tokens = [await tokenFor(account.user, PASSWORD), await tokenFor(account.user, PASSWORD)];
    for (const token of tokens) expect((await whoAmI(token)).status).toBe(200);
    expect(await post(account.id, 'revoke')).toMatchObject({ status: 200, result: { id: account.id } });
    for (const token of tokens) {
      expect(await whoAmI(token)).toMatchObject({ status: 401, error: { reason: 'token_dead' } });
    }
    expect((await whoAmI(await tokenFor(account.user, PASSWORD))).status).toBe(200);
  });

  it('leaves no token alive that was handed out before it answered', async () => {
    const account = await newApiAccount(tenant);
    const handedOut: string[] = [];
    let revoked = false;
    const signIns = Array.from({ length: 3 }, async () => {
      while (!revoked) {
        const { access_token: token } = await fetchToken(account.user, PASSWORD);
        if (token !== undefined && !revoked) handedOut.push(token);
      }
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    const known = post(account.id, 'revoke').then((reply) => {
      revoked = true;
      return { status: reply.status, before: [...handedOut] };
    });
    const { status, before } = await known;
    await Promise.all(signIns);
    expect(status).toBe(200);
    expect(before.length).toBeGreaterThan(0);
    const outcomes = await Promise.all(before.map(whoAmI));
    expect(outcomes.filter((reply) => reply.status !== 401)).toEqual([]);
  });
});

describe('nobody reaches beyond own rights', () => {
  test.each([
    ['DELETE', ''],
    ['POST', 'activate'],
    ['POST', 'deactivate'],
    ['POST', 'revoke'],
    ['GET', 'tokencheck'],
    ['GET', 'throttle'],
    ['DELETE', 'throttle'],
  ])('%s %s of an Administrator by an HR role', async (method, action) => {
    const account = await hrAccount();
    const reply = await request(method, path(tenant.adminId, action), { token: account });
    expect(reply).toMatchObject({ status: 403, error: { reason: 'beyond_own_rights' } });
  });

  let token: string | undefined;
  async function hrAccount(): Promise<string> {
    if (token !== undefined) return token;
    await request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, {
      token: tenant.admin,
      body: { apiAccess: true, rights: { hr: ['view', 'modify', 'delete'] } },
    });
    const account = await newApiAccount(tenant);
    token = await tokenFor(account.user, account.password);
    return token;
  }
});

describe('token check', () => {
  type Check = {
    canGetToken: boolean;
    conditions: { condition: string; passed: boolean; blocking: boolean; toDo: string | null }[];
  };
  async function check(id: number) {
    const reply = await request('GET', path(id, 'tokencheck'), { token: tenant.admin });
    const { canGetToken, conditions } = reply.result as Check;
    const failed = conditions.filter(({ passed }) => !passed);
    expect(failed.every(({ toDo }) => (toDo ?? '').length > 20)).toBe(true);
    return { canGetToken, failed: failed.map(({ condition }) => condition) };
  }

  it('passes an account that gets one, and agrees with the token endpoint when a condition fails', async () => {
    const account = await newApiAccount(tenant);
    expect(await check(account.id)).toEqual({ canGetToken: true, failed: [] });
    expect((await fetchToken(account.user, PASSWORD)).status).toBe(200);
    await post(account.id, 'deactivate');
    expect(await check(account.id)).toEqual({ canGetToken: false, failed: ['account_active'] });
    expect((await fetchToken(account.user, PASSWORD)).reason).toBe('account_inactive');
  });

  it('names what a fresh account lacks', async () => {
    const bare = await newEmployee(tenant, { emailAddress: null });
    expect(await check(bare.id)).toEqual({
      canGetToken: false,
      failed: ['password_set', 'role_with_api_access', 'mail_address'],
    });
  });

  it('tells that wrong passwords have it throttled', async () => {
    const bare = await newEmployee(tenant, { securityRoleIds: [ROLES.serviceDeskManager] });
    for (let guess = 0; guess < 5; guess += 1) {
      await fetchToken(`${tenant.name}\\${bare.userName}`, 'wrong wrong wrong');
    }
    expect((await check(bare.id)).failed).toEqual(['password_set', 'not_throttled']);
  });

  it('tells that people need a second factor where the company asks for one (M2)', async () => {
    const person = await newEmployee(tenant, {
      userType: 'Employee',
      securityRoleIds: [ROLES.serviceDeskManager],
    });
    await requireMfa(tenant);
    expect((await check(person.id)).failed).toContain('second_factor');
    await requireMfa(tenant, false);
  });

  it('tells that a second factor of their own blocks people, and an enrolment that is due', async () => {
    const person = await newPerson(tenant);
    const { recoveryCodes } = await enrol((await signInAt(tenant.name, person.userName)).browser);
    expect(await check(person.id)).toEqual({ canGetToken: false, failed: ['second_factor'] });
    expect(await fetchToken(person.user, PASSWORD)).toMatchObject({ status: 400, reason: 'mfa_required' });
    const { browser } = await signInAt(tenant.name, person.userName);
    await sendForm(browser, '/sign-in/recovery', '/sign-in/recovery', {
      recoveryCode: recoveryCodes[0] ?? '',
    });
    expect(await check(person.id)).toEqual({ canGetToken: false, failed: ['second_factor'] });
    expect((await fetchToken(person.user, PASSWORD)).status).toBe(400);
  });
});
