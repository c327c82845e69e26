import { describe, expect, it, test } from 'vitest';
import { newTenant, operatorRequest, ROLES, request, stack } from '../support/world.ts';

describe('tenants, for operators', () => {
  it('are shown and listed, in any script', async () => {
    const company = `株式会社テスト ${Date.now()}`;
    const tenant = await newTenant({ company });
    const shown = await operatorRequest('GET', `/v2/platform/tenants/${encodeURIComponent(tenant.name)}`);
    expect(shown.result).toMatchObject({
      company,
      isActive: true,
      licences: { total: 5, used: 1, available: 4 },
      employees: 1,
    });
    let cursor: string | null = '';
    const names: string[] = [];
    do {
      const page = await operatorRequest(
        'GET',
        `/v2/platform/tenants?PageSize=3${cursor ? `&Cursor=${cursor}` : ''}`,
      );
      names.push(...(page.result as { tenant: string }[]).map((row) => row.tenant));
      cursor = page.nextCursor ?? null;
    } while (cursor);
    expect(names).toContain(tenant.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('refuse a company that is taken, in look-alikes too, and one without letters', async () => {
    const tenant = await newTenant({ company: `Dup ${Date.now()}` });
    const administrator = { userName: 'a', firstName: 'A', lastName: 'B', emailAddress: 'a@b.example' };
    const again = await operatorRequest('POST', '/v2/platform/tenants', {
      company: tenant.name.toUpperCase(),
      licences: 1,
      administrator,
    });
    expect(again).toMatchObject({ status: 409, error: { reason: 'company_taken' } });
    const empty = await operatorRequest('POST', '/v2/platform/tenants', {
      company: '***',
      licences: 1,
      administrator,
    });
    expect(empty.error?.reason).toBe('company_unusable');
  });

  it('name every wrong field, nested ones too', async () => {
    const reply = await operatorRequest('POST', '/v2/platform/tenants', {
      company: 'X',
      licences: 0,
      timeZone: 'Mars/Base',
      administrator: { userName: 'a' },
    });
    expect(reply.error?.subErrors?.join('\n')).toMatch(
      /licences must be at least 1[\s\S]*timeZone must be an IANA time zone[\s\S]*administrator.firstName is required/,
    );
  });

  it('are closed to callers without a signature', async () => {
    const response = await fetch(`${stack.url}/v2/platform/tenants`);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ message: 'Forbidden' });
  });
});

describe('roles', () => {
  it('begin as the built-in ones, Administrator alone with API Access (M15)', async () => {
    const tenant = await newTenant();
    const roles = await request('GET', '/v2/admin/security/roles', { token: tenant.admin });
    expect(roles.totalRecords).toBe(8);
    const rows = roles.result as { name: string; apiAccess: boolean; isExternal: boolean }[];
    expect(rows.filter((role) => role.apiAccess).map((role) => role.name)).toEqual(['Administrator']);
    expect(rows.filter((role) => role.isExternal).map((role) => role.name)).toEqual([
      'External Manager',
      'External User',
    ]);
  });

  test.each([
    ['Administrator losing API Access', ROLES.administrator, { apiAccess: false }, 'administrator_fixed'],
    ['a built-in role renamed', ROLES.user, { name: 'Users' }, 'system_role_fixed'],
    ['a name that is taken', ROLES.user, { name: 'ADMINISTRATOR' }, 'role_name_taken'],
    ['nothing at all', ROLES.user, {}, 'invalid_fields'],
    ['an unknown right', ROLES.user, { rights: { hr: ['fly'] } }, 'invalid_fields'],
    ['a role that is not there', 99, { apiAccess: true }, 'role_unknown'],
  ])('refuse %s', async (_, id, body, reason) => {
    const tenant = await newTenant();
    const reply = await request('PATCH', `/v2/admin/security/roles/${id}`, { token: tenant.admin, body });
    expect(reply.error?.reason).toBe(reason);
  });

  it('lose no change when edited at once', async () => {
    const tenant = await newTenant();
    const edits = [ROLES.projectManager, ROLES.serviceDeskManager, ROLES.user].map((id) =>
      request('PATCH', `/v2/admin/security/roles/${id}`, { token: tenant.admin, body: { apiAccess: true } }),
    );
    const done = (await Promise.all(edits)).filter((reply) => reply.status === 200).length;
    const roles = await request('GET', '/v2/admin/security/roles', { token: tenant.admin });
    expect((roles.result as { apiAccess: boolean }[]).filter((role) => role.apiAccess)).toHaveLength(
      done + 1,
    );
  });
});

describe('my company', () => {
  it('keeps its sign-in name when it is renamed', async () => {
    const tenant = await newTenant();
    const reply = await request('PATCH', '/v2/admin/mycompany', {
      token: tenant.admin,
      body: { company: 'Renamed Ltd', timeZone: 'Europe/Dublin' },
    });
    expect(reply.result).toMatchObject({
      tenant: tenant.name,
      company: 'Renamed Ltd',
      timeZone: 'Europe/Dublin',
    });
    const tried = await request('PATCH', '/v2/admin/mycompany', {
      token: tenant.admin,
      body: { tenant: 'other' },
    });
    expect(tried.error?.subErrors).toEqual(['tenant is not a field of this call']);
  });
});

describe('the system', () => {
  it('is healthy, describes itself, and knows what it does not offer', async () => {
    expect(await (await fetch(`${stack.url}/health`)).json()).toEqual({ status: 'ok' });
    expect(
      ((await (await fetch(`${stack.url}/openapi.json`)).json()) as { openapi: string }).openapi,
    ).toMatch(/^3\.1/);
    expect(await request('GET', '/v2/nothing/here')).toMatchObject({
      status: 404,
      success: false,
      error: { reason: 'route_unknown' },
    });
    expect((await fetch(`${stack.url}/oauth2/token`)).status).toBe(405);
  });
});
