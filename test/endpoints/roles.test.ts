import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it, test } from 'vitest';
import { ROLES_MAX } from '../../shared/rules/roles.ts';
import { tenantKey } from '../../shared/store/keys.ts';
import { packRoles } from '../../shared/store/role-digest.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { readTenant } from '../../shared/store/tenants.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { createRole, newRole, ROLES_PATH, type Role, rolesOf } from '../support/roles.ts';
import {
  choosePassword,
  mailedLink,
  newEmployee,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

/** The token of an API Employee that holds these rights and no others. */
async function tokenWith(tenant: Tenant, rights: object): Promise<string> {
  const role = await newRole(tenant, { apiAccess: true, rights });
  const employee = await newEmployee(tenant, { securityRoleIds: [role.id], sendInstructions: true });
  await choosePassword(await mailedLink(employee.emailAddress), PASSWORD);
  return tokenFor(`${tenant.name}\\${employee.userName}`, PASSWORD);
}

function openTestTable(): Table {
  return openTable(useStackEnvironment().TABLE_NAME);
}

describe('create', () => {
  it('makes a role that is listed, can be held, and gives API Access on the next call (M15, M18)', async () => {
    const tenant = await newTenant();
    const role = await newRole(tenant, { name: 'Integrators', apiAccess: true, rights: { hr: ['view'] } });
    expect(role).toMatchObject({
      name: 'Integrators',
      isActive: true,
      isSystem: false,
      isExternal: false,
      apiAccess: true,
      rights: { hr: ['view'] },
    });
    expect(role.id).toBeGreaterThan(0);
    expect(role.id).toBeLessThan(2 ** 31);
    expect((await rolesOf(tenant.admin)).map(({ id }) => id)).toContain(role.id);
    const employee = await newEmployee(tenant, { securityRoleIds: [role.id], sendInstructions: true });
    await choosePassword(await mailedLink(employee.emailAddress), PASSWORD);
    const token = await tokenFor(`${tenant.name}\\${employee.userName}`, PASSWORD);
    expect((await request('GET', '/v2/hr/employees', { token })).status).toBe(200);
  });

  test.each([
    ['a name that is taken, in look-alikes too', { name: 'ＵＳＥＲ' }, 409, 'role_name_taken'],
    ['no name', {}, 400, 'invalid_fields'],
    ['an unknown right', { name: 'X', rights: { hr: ['fly'] } }, 400, 'invalid_fields'],
    ['a field that is not its own', { name: 'X', isSystem: true }, 400, 'invalid_fields'],
  ])('refuses %s', async (_, body, status, reason) => {
    const tenant = await newTenant();
    expect(await createRole(tenant, body)).toMatchObject({ status, error: { reason } });
  });

  it('refuses more than 200 roles, saying so', async () => {
    const tenant = await newTenant();
    const table = openTestTable();
    // The digest filled up to one below the limit, as if the roles had been created one by one.
    const before = (await readTenant(table, tenant.name)).tenant?.roles ?? {};
    const fillers = Array.from({ length: ROLES_MAX - 1 - Object.keys(before).length }, (_, index) => {
      const id = 101 + index;
      return [id, { ...before[ROLES.user], id, name: `Filler ${id}`, system: false }];
    });
    await table.client.call('UpdateItem', {
      TableName: table.name,
      Key: marshall(tenantKey(tenant.name)),
      UpdateExpression: 'SET #roles = :roles',
      ExpressionAttributeNames: { '#roles': 'roles' },
      ExpressionAttributeValues: marshall({
        ':roles': packRoles({ ...before, ...Object.fromEntries(fillers) }),
      }),
    });
    const outcomes = await Promise.all(
      ['A', 'B', 'C'].map((name) => createRole(tenant, { name: `Last ${name}` })),
    );
    expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const refused of outcomes.filter(({ status }) => status !== 200)) {
      expect(refused).toMatchObject({ status: 409, error: { reason: 'roles_exhausted' } });
      expect(refused.error?.message).toContain('at most 200');
    }
  });
});

describe('copy', () => {
  it('gives what the original gives, and is not built in', async () => {
    const tenant = await newTenant();
    const copied = await request('POST', `${ROLES_PATH}/${ROLES.administrator}/copy`, {
      token: tenant.admin,
      body: { name: 'Second Administrators' },
    });
    expect(copied.result).toMatchObject({
      name: 'Second Administrators',
      isSystem: false,
      apiAccess: true,
      rights: { hr: ['view', 'modify', 'delete'], audit: ['view', 'modify', 'delete'] },
    });
    const external = await request('POST', `${ROLES_PATH}/${ROLES.externalUser}/copy`, {
      token: tenant.admin,
      body: { name: 'Customers' },
    });
    expect(external.result).toMatchObject({ isExternal: true });
  });

  test.each([
    ['a role that is not there', 4711, { name: 'X' }, 'role_unknown'],
    ['under a name that is taken', ROLES.user, { name: 'user' }, 'role_name_taken'],
    ['without a name', ROLES.user, {}, 'invalid_fields'],
  ])('refuses %s', async (_, id, body, reason) => {
    const tenant = await newTenant();
    const reply = await request('POST', `${ROLES_PATH}/${id}/copy`, { token: tenant.admin, body });
    expect(reply.error?.reason).toBe(reason);
  });
});

describe('delete', () => {
  it('removes a role that nobody holds, once', async () => {
    const tenant = await newTenant();
    const role = await newRole(tenant);
    const remove = () => request('DELETE', `${ROLES_PATH}/${role.id}`, { token: tenant.admin });
    expect(await remove()).toMatchObject({ status: 200, result: { id: role.id } });
    expect(await remove()).toMatchObject({ status: 404, error: { reason: 'role_unknown' } });
    expect((await rolesOf(tenant.admin)).map(({ id }) => id)).not.toContain(role.id);
    const given = await request('POST', '/v2/hr/employees', {
      token: tenant.admin,
      body: {
        userName: 'late',
        userType: 'API Employee',
        firstName: 'L',
        lastName: 'T',
        securityRoleIds: [role.id],
      },
    });
    expect(given.error?.reason).toBe('invalid_fields');
  });

  it('refuses a role in use with the number of its holders, inactive ones counted', async () => {
    const tenant = await newTenant();
    const role = await newRole(tenant);
    const bot = await newEmployee(tenant, { securityRoleIds: [role.id] });
    await newEmployee(tenant, { userType: 'External Employee', securityRoleIds: [role.id], isActive: false });
    const refused = await request('DELETE', `${ROLES_PATH}/${role.id}`, { token: tenant.admin });
    expect(refused).toMatchObject({ status: 409, error: { reason: 'role_in_use' } });
    expect(refused.error?.message).toContain('2 employees hold it');
    await request('PATCH', `/v2/hr/employees/${bot.id}`, {
      token: tenant.admin,
      body: { securityRoleIds: [] },
    });
    const again = await request('DELETE', `${ROLES_PATH}/${role.id}`, { token: tenant.admin });
    expect(again.error?.message).toContain('1 employee holds it');
  });

  it('refuses every built-in role', async () => {
    const tenant = await newTenant();
    for (const { id } of await rolesOf(tenant.admin)) {
      const reply = await request('DELETE', `${ROLES_PATH}/${id}`, { token: tenant.admin });
      expect(reply).toMatchObject({ status: 422, error: { reason: 'system_role_stays' } });
    }
    expect(await rolesOf(tenant.admin)).toHaveLength(8);
  });
});

describe('a built-in role', () => {
  const turnExternal = (tenant: Tenant, id: number) =>
    request('PATCH', `${ROLES_PATH}/${id}`, { token: tenant.admin, body: { isExternal: true } });

  it('changes its kind like any other, and keeps its name', async () => {
    const tenant = await newTenant();
    const rename = { token: tenant.admin, body: { name: 'Desk' } };
    expect(await request('PATCH', `${ROLES_PATH}/${ROLES.serviceDeskManager}`, rename)).toMatchObject({
      status: 422,
      error: { reason: 'system_role_fixed' },
    });
    expect(await turnExternal(tenant, ROLES.serviceDeskManager)).toMatchObject({
      status: 200,
      result: { isExternal: true, isSystem: true },
    });
  });

  it('M12 stays internal while an internal user holds it', async () => {
    const tenant = await newTenant();
    await newEmployee(tenant, { securityRoleIds: [ROLES.serviceDeskManager] });
    expect(await turnExternal(tenant, ROLES.serviceDeskManager)).toMatchObject({
      status: 422,
      error: { reason: 'role_held_by_internal_users' },
    });
  });
});

describe('beyond own rights', () => {
  it('nobody creates, copies or deletes a role that gives more than what the caller has', async () => {
    const tenant = await newTenant();
    const powerful = await newRole(tenant, { rights: { company: ['modify'] } });
    const token = await tokenWith(tenant, { security: ['view', 'modify', 'delete'], hr: ['view'] });
    const refusals = await Promise.all([
      createRole({ admin: token }, { name: 'More', rights: { hr: ['modify'] } }),
      request('POST', `${ROLES_PATH}/${powerful.id}/copy`, { token, body: { name: 'Mine' } }),
      request('POST', `${ROLES_PATH}/${ROLES.administrator}/copy`, { token, body: { name: 'Mine' } }),
      request('DELETE', `${ROLES_PATH}/${powerful.id}`, { token }),
    ]);
    for (const refused of refusals) {
      expect(refused).toMatchObject({ status: 403, error: { reason: 'beyond_own_rights' } });
    }
    const within = await createRole({ admin: token }, { name: 'Less', rights: { hr: ['view'] } });
    expect(within.error).toBeNull();
    const { id } = within.result as Role;
    expect((await request('DELETE', `${ROLES_PATH}/${id}`, { token })).status).toBe(200);
  });

  test.each([
    ['create', 'POST', '', { name: 'X' }, 'modify'],
    ['copy', 'POST', '/6/copy', { name: 'X' }, 'modify'],
    ['delete', 'DELETE', '/6', undefined, 'delete'],
  ])('%s needs its right', async (_, method, path, body, action) => {
    const tenant = await newTenant();
    const others = ['view', 'modify', 'delete'].filter((other) => other !== action);
    const token = await tokenWith(tenant, { security: others });
    const refused = await request(method, `${ROLES_PATH}${path}`, { token, ...(body ? { body } : {}) });
    expect(refused).toMatchObject({ status: 403, error: { reason: 'right_missing' } });
  });
});

describe('list', () => {
  it('filters, sorts and pages, in any script', async () => {
    const tenant = await newTenant();
    for (const name of ['Ärzte', 'техники', '技術者', 'Zulieferer']) await newRole(tenant, { name });
    await newRole(tenant, { name: 'Ruhend', isActive: false });
    const names = async (query: string) => (await rolesOf(tenant.admin, query)).map(({ name }) => name);
    expect(await names('&Filter.Text=ÄRZ')).toEqual(['Ärzte']);
    expect(await names(`&Filter.Text=${encodeURIComponent('ТЕХНИКИ')}`)).toEqual(['техники']);
    expect(await names(`&Filter.Text=${encodeURIComponent('術')}`)).toEqual(['技術者']);
    expect(await names('&Filter.IsActive=false')).toEqual(['Ruhend']);
    expect(await names('&Filter.IsExternal=true&Sort=-Name')).toEqual(['External User', 'External Manager']);
    expect(await names('&Filter.Text=&Filter.IsExternal=true&sort=name')).toHaveLength(2);
    const all = await names('&Sort=Name');
    expect(all).toHaveLength(13);
    expect(all.slice(0, 2)).toEqual(['Administrator', 'Ärzte']);
    expect(await names('&Sort=Name%20desc')).toEqual(all.toReversed());
    expect(await names('&PageNumber=9')).toEqual([]);
    const wrong = await request('GET', `${ROLES_PATH}?Sort=Age`, { token: tenant.admin });
    expect(wrong.error?.subErrors).toEqual(['Sort must be Name, -Name or Name desc']);
  });
});

describe('lookups', () => {
  it('hold names and kinds, the second of active roles alone', async () => {
    const tenant = await newTenant();
    await newRole(tenant, { name: 'Ruhend', isActive: false });
    const look = (path: string) => request('GET', path, { token: tenant.admin });
    const all = await look(`${ROLES_PATH}/lookup`);
    expect(all.totalRecords).toBe(9);
    expect((all.result as Role[])[0]).toEqual({
      id: 1,
      name: 'Administrator',
      isActive: true,
      isSystem: true,
      isExternal: false,
    });
    expect((await look(`${ROLES_PATH}/lookup?Name=ruh`)).result).toMatchObject([{ isActive: false }]);
    const system = await look('/v2/system/roles/lookup?Filter.Ids=1&filter.ids=7,8');
    expect(system.result).toEqual([
      { id: 1, name: 'Administrator', isDefault: false },
      { id: 8, name: 'External Manager', isDefault: false },
      { id: 7, name: 'External User', isDefault: false },
    ]);
    expect((await look('/v2/system/roles/lookup')).totalRecords).toBe(8);
    expect((await look('/v2/system/roles/lookup?PageNumber=2&PageSize=200')).result).toEqual([]);
    expect((await look('/v2/system/roles/lookup?Filter.Ids=1&Exclude=isDefault')).result).toEqual([
      { id: 1, name: 'Administrator' },
    ]);
  });
});
