import { beforeAll, describe, expect, it, test } from 'vitest';
import {
  choosePassword,
  type Employee,
  fetchToken,
  mailedLink,
  newEmployee,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  type Tenant,
} from '../support/world.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 10 });
});

const patch = (employee: { id: number }, body: unknown) =>
  request('PATCH', `/v2/hr/employees/${employee.id}`, { token: tenant.admin, body });

async function licencesUsed(): Promise<number> {
  const company = await request('GET', '/v2/admin/mycompany', { token: tenant.admin });
  return (company.result as { licences: { used: number } }).licences.used;
}

describe('M1 user types', () => {
  test.each(['API Employee', 'Api Employee', 'api employee'])(
    'creates an API Employee as "%s"',
    async (userType) => {
      expect(await newEmployee(tenant, { userType })).toMatchObject({
        userType: 'API Employee',
        isActive: true,
      });
    },
  );

  it('names the types when another is asked for', async () => {
    const reply = await request('POST', '/v2/hr/employees', {
      token: tenant.admin,
      body: { userName: 'x', userType: 'Robot', firstName: 'X', lastName: 'Y' },
    });
    expect(reply.error?.subErrors).toEqual([
      'userType must be one of Employee, External Employee, API Employee',
    ]);
  });
});

describe('M4, M5 Reset and send instructions', () => {
  it('mails the link to the address on the account', async () => {
    const employee = await newEmployee(tenant);
    const reply = await request('POST', `/v2/hr/employees/${employee.id}/resetinstructions`, {
      token: tenant.admin,
    });
    expect(reply.result).toEqual({
      id: employee.id,
      emailAddress: employee.emailAddress,
      linkValidMinutes: 1440,
    });
    expect(await mailedLink(employee.emailAddress)).toContain('/password/new?link=');
  });

  it('tells the admin that the mail address is missing', async () => {
    const employee = await newEmployee(tenant, { emailAddress: null });
    const reply = await request('POST', `/v2/hr/employees/${employee.id}/resetinstructions`, {
      token: tenant.admin,
    });
    expect(reply).toMatchObject({ status: 422, error: { reason: 'mail_address_missing' } });
  });

  it('refuses to create an account with instructions and no address, and creates nothing', async () => {
    const body = {
      userName: 'nomail',
      userType: 'API Employee',
      firstName: 'N',
      lastName: 'M',
      sendInstructions: true,
    };
    const reply = await request('POST', '/v2/hr/employees', { token: tenant.admin, body });
    expect(reply.error?.reason).toBe('mail_address_missing');
    const list = await request('GET', '/v2/hr/employees?Filter.Text=nomail', { token: tenant.admin });
    expect(list.result).toEqual([]);
  });

  it('voids an open link when the address is corrected', async () => {
    const employee = await newEmployee(tenant, { sendInstructions: true });
    const link = await mailedLink(employee.emailAddress);
    expect((await patch(employee, { emailAddress: `new-${employee.emailAddress}` })).status).toBe(200);
    expect((await choosePassword(link, PASSWORD)).status).not.toBe(200);
  });
});

describe('M8, M9 the user type', () => {
  test.each(['Employee', 'External Employee'])('of an API Employee cannot become %s', async (userType) => {
    const employee = await newEmployee(tenant);
    expect(await patch(employee, { userType })).toMatchObject({
      status: 422,
      error: { reason: 'user_type_final' },
    });
  });

  test.each(['Employee', 'External Employee'])('of an %s cannot become API Employee', async (userType) => {
    const employee = await newEmployee(tenant, { userType });
    const reply = await patch(employee, { userType: 'api employee' });
    expect(reply).toMatchObject({ status: 422, error: { reason: 'conversion_to_api_employee' } });
    expect((await patch(employee, { isActive: false })).status).toBe(200);
  });

  it('changes between Employee and External Employee', async () => {
    const employee = await newEmployee(tenant, { userType: 'Employee' });
    expect((await patch(employee, { userType: 'External Employee' })).result).toMatchObject({
      userType: 'External Employee',
    });
    await patch(employee, { isActive: false });
  });

  it('lets the rest of an API Employee be edited', async () => {
    const employee = await newEmployee(tenant);
    const reply = await patch(employee, {
      userType: 'API Employee',
      lastName: 'Renamed',
      emailAddress: 'moved@acme.example',
      jobTitle: 'Bridge',
    });
    expect(reply.result).toMatchObject({
      lastName: 'Renamed',
      emailAddress: 'moved@acme.example',
      jobTitle: 'Bridge',
    });
  });
});

describe('M10 licences', () => {
  it('are consumed by people while active, never by API Employees', async () => {
    const before = await licencesUsed();
    await newEmployee(tenant);
    expect(await licencesUsed()).toBe(before);
    const person = await newEmployee(tenant, { userType: 'External Employee' });
    expect(await licencesUsed()).toBe(before + 1);
    await patch(person, { isActive: false });
    expect(await licencesUsed()).toBe(before);
  });

  it('run out on creation and on reactivation', async () => {
    const small = await newTenant({ licences: 2 });
    const last = await newEmployee(small, { userType: 'Employee' });
    const body = { userName: 'third', userType: 'Employee', firstName: 'T', lastName: 'H' };
    const refused = await request('POST', '/v2/hr/employees', { token: small.admin, body });
    expect(refused).toMatchObject({ status: 409, error: { reason: 'licences_exhausted' } });
    expect(refused.error?.message).toContain('2 of 2');
    const url = `/v2/hr/employees/${last.id}`;
    await request('PATCH', url, { token: small.admin, body: { isActive: false } });
    await newEmployee(small, { userType: 'Employee' });
    const again = await request('PATCH', url, { token: small.admin, body: { isActive: true } });
    expect(again.error?.reason).toBe('licences_exhausted');
    expect(await newEmployee(small)).toMatchObject({ userType: 'API Employee' });
  });
});

describe('M12 external roles', () => {
  const MESSAGE = 'Error! Cannot add external roles to internal users.';

  test.each(['API Employee', 'Employee'])('are refused to an %s on creation', async (userType) => {
    const body = {
      userName: `ext-${userType.length}`,
      userType,
      firstName: 'E',
      lastName: 'X',
      securityRoleIds: [ROLES.user, ROLES.externalUser],
    };
    const reply = await request('POST', '/v2/hr/employees', { token: tenant.admin, body });
    expect(reply).toMatchObject({ status: 422, error: { message: MESSAGE } });
  });

  it('are refused on update', async () => {
    const employee = await newEmployee(tenant, { securityRoleIds: [ROLES.user] });
    expect((await patch(employee, { securityRoleIds: [ROLES.externalManager] })).error?.message).toBe(
      MESSAGE,
    );
  });

  it('are refused when an External Employee that holds one turns internal', async () => {
    const employee = await newEmployee(tenant, {
      userType: 'External Employee',
      securityRoleIds: [ROLES.externalUser],
    });
    expect((await patch(employee, { userType: 'Employee' })).error?.message).toBe(MESSAGE);
    await patch(employee, { isActive: false });
  });

  it('are refused when a role already held would be turned external', async () => {
    await newEmployee(tenant, { securityRoleIds: [ROLES.projectManager] });
    const turn = () =>
      request('PATCH', `/v2/admin/security/roles/${ROLES.projectManager}`, {
        token: tenant.admin,
        body: { isExternal: true },
      });
    expect((await turn()).error?.message).toBe(MESSAGE);
  });
});

describe('the last Administrator', () => {
  test.each([
    ['deactivated', { isActive: false }],
    ['stripped of the role', { securityRoleIds: [] }],
    ['left without a mail address', { emailAddress: null }],
  ])('cannot be %s', async (_, body) => {
    expect((await patch({ id: tenant.adminId }, body)).error?.reason).toBe('last_administrator');
  });

  it('is not replaced by one whom no mail reaches, until it has an address', async () => {
    const company = await newTenant();
    const fields = { userType: 'Employee', securityRoleIds: [ROLES.administrator] };
    const second = await newEmployee(company, { ...fields, emailAddress: null });
    const edit = (id: number, body: object) =>
      request('PATCH', `/v2/hr/employees/${id}`, { token: company.admin, body });
    const step = { securityRoleIds: [] };
    expect((await edit(company.adminId, step)).error?.reason).toBe('last_administrator');
    expect((await edit(second.id, { emailAddress: 'second@acme.example' })).status).toBe(200);
    expect((await edit(company.adminId, step)).status).toBe(200);
  });
});

describe('the list', () => {
  let big: Tenant;
  let made: Employee[];
  beforeAll(async () => {
    big = await newTenant();
    made = [];
    for (let index = 0; index < 12; index += 1) {
      made.push(
        await newEmployee(big, {
          firstName: `Bot ${String(index).padStart(2, '0')}`,
          department: index % 2 ? 'Ödenburg' : 'Wien',
        }),
      );
    }
  });
  const list = (query: string) => request('GET', `/v2/hr/employees?${query}`, { token: big.admin });
  const names = (reply: { result: unknown }) =>
    (reply.result as { firstName: string }[]).map((row) => row.firstName);

  it('is sorted by name and paged by number, with a total', async () => {
    const second = await list('PageSize=5&PageNumber=2');
    expect(second.totalRecords).toBe(13);
    expect(names(second)).toEqual(['Bot 04', 'Bot 05', 'Bot 06', 'Bot 07', 'Bot 08']);
    expect((await list('PageSize=5&PageNumber=9')).result).toEqual([]);
  });

  it('is paged by cursor to its end, each employee once', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    do {
      const page = await list(
        `PageSize=4&Filter.UserType=API%20Employee${cursor ? `&Cursor=${cursor}` : ''}`,
      );
      seen.push(...names(page));
      cursor = page.nextCursor ?? null;
    } while (cursor);
    expect(seen).toEqual(made.map((row) => row.firstName));
  });

  it('filters by type, state and text, look-alikes included', async () => {
    expect((await list('Filter.UserType=Employee')).totalRecords).toBe(1);
    expect((await list('filter.isactive=FALSE')).totalRecords).toBe(0);
    expect((await list(`Filter.Text=${encodeURIComponent('ÖDENBURG')}`)).totalRecords).toBe(6);
    expect(names(await list(`Filter.Text=${encodeURIComponent('ｂｏｔ 03')}`))).toEqual(['Bot 03']);
  });

  test.each([
    ['PageSize=0', 'PageSize must be at least 1'],
    ['PageSize=5&pagesize=6', 'PageSize is given more than once'],
    ['Bar=Name&Foo=1', 'Foo is not a field of this call'],
    ['Bar=Name&Foo=1', 'Bar is not a field of this call'],
    ['Filter.IsActive=yes', 'Filter.IsActive must be true or false'],
  ])('names what is wrong in ?%s', async (query, problem) => {
    const reply = await list(query);
    expect(reply.status).toBe(400);
    expect(reply.error?.subErrors).toContain(problem);
  });
});

describe('bad input', () => {
  const post = (body: unknown, headers?: Record<string, string>) =>
    request('POST', '/v2/hr/employees', { token: tenant.admin, body, ...(headers ? { headers } : {}) });

  it('names every wrong field and every unknown one at once', async () => {
    const reply = await post({
      userName: 'a b',
      userType: 'Employee',
      firstName: '',
      emailAddress: 'nobody',
      passwd: 'x',
    });
    expect(reply.status).toBe(400);
    expect(reply.error?.subErrors?.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'emailAddress',
      'firstName',
      'lastName',
      'passwd',
      'userName',
    ]);
  });

  test.each([
    ['malformed JSON', '{"userName":', 'application/json', 400, 'malformed_body'],
    ['an array', '[]', 'application/json', 400, 'malformed_body'],
    ['another media type', '<x/>', 'application/xml', 415, 'unsupported_media_type'],
    ['another charset', '{}', 'application/json; charset=latin1', 415, 'unsupported_media_type'],
    [
      'more than 64 KB',
      JSON.stringify({ notes: 'x'.repeat(70_000) }),
      'application/json',
      413,
      'body_too_large',
    ],
  ])('refuses %s', async (_, body, contentType, status, reason) => {
    expect(await post(body, { 'content-type': contentType })).toMatchObject({
      status,
      error: { reason },
      result: null,
    });
  });

  it('refuses roles that do not exist by their ids', async () => {
    const reply = await post({
      userName: 'norole',
      userType: 'Employee',
      firstName: 'N',
      lastName: 'R',
      securityRoleIds: [99],
    });
    expect(reply.error?.subErrors).toEqual(['securityRoleIds names roles that do not exist: 99']);
  });

  test.each(['0', '-1', 'abc', '99999999999', '1.5'])('refuses the id %s', async (id) => {
    expect((await request('GET', `/v2/hr/employees/${id}`, { token: tenant.admin })).status).toBe(400);
  });
});

describe('rights', () => {
  it('beyond one’s own are never reached', async () => {
    await request('PATCH', `/v2/admin/security/roles/${ROLES.user}`, {
      token: tenant.admin,
      body: { apiAccess: true, rights: { hr: ['view', 'modify'] } },
    });
    const clerk = await newEmployee(tenant, { securityRoleIds: [ROLES.user], sendInstructions: true });
    await choosePassword(await mailedLink(clerk.emailAddress), PASSWORD);
    const { access_token: token = '' } = await fetchToken(`${tenant.name}\\${clerk.userName}`, PASSWORD);
    const admin = `/v2/hr/employees/${tenant.adminId}`;
    const moved = await request('PATCH', admin, { token, body: { emailAddress: 'thief@evil.example' } });
    expect(moved).toMatchObject({ status: 403, error: { reason: 'beyond_own_rights' } });
    const mailed = await request('POST', `${admin}/resetinstructions`, { token });
    expect(mailed.error?.reason).toBe('beyond_own_rights');
    const raised = await request('PATCH', `/v2/hr/employees/${clerk.id}`, {
      token,
      body: { securityRoleIds: [ROLES.administrator] },
    });
    expect(raised.error?.reason).toBe('own_roles');
    for (const body of [{ emailAddress: 'thief@evil.example' }, { userName: `${clerk.userName}-2` }]) {
      const stolen = await request('PATCH', `/v2/hr/employees/${clerk.id}`, { token, body });
      expect(stolen).toMatchObject({ status: 403, error: { reason: 'own_identity' } });
    }
    const corrected = { emailAddress: clerk.emailAddress, userName: clerk.userName, lastName: 'Itself' };
    const same = await request('PATCH', `/v2/hr/employees/${clerk.id}`, { token, body: corrected });
    expect(same.status, 'the same ones are no change').toBe(200);
    const roles = await request('GET', '/v2/admin/security/roles', { token });
    expect(roles).toMatchObject({ status: 403, error: { reason: 'right_missing' } });
  });
});
