import { beforeAll, describe, expect, it, test } from 'vitest';
import { newEmployee, newTenant, type Reply, ROLES, request, type Tenant } from '../support/world.ts';

let tenant: Tenant;
const PEOPLE = [
  ['Cara', 'Ödenburg', ROLES.projectManager],
  ['Änne', 'Wien', ROLES.serviceDeskManager],
  ['Berta', 'WIEN', ROLES.serviceDeskManager],
  ['Dora', null, ROLES.projectManager],
  ['Emil', 'Wien', ROLES.administrator],
  ['Fred', 'Brno', undefined],
] as const;

beforeAll(async () => {
  tenant = await newTenant();
  await request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, {
    token: tenant.admin,
    body: { apiAccess: true },
  });
  for (const [firstName, department, role] of PEOPLE) {
    await newEmployee(tenant, {
      firstName,
      lastName: 'Bot',
      department,
      securityRoleIds: role === undefined ? [] : [role],
      userName: `${PEOPLE.length - firstName.length}-${firstName}`,
    });
  }
});

const list = (query: string) => request('GET', `/v2/hr/employees?${query}`, { token: tenant.admin });
const rows = (reply: Reply) => reply.result as { firstName: string; [field: string]: unknown }[];
const names = (reply: Reply) => rows(reply).map((row) => row.firstName);

test.each([
  [`Filter.RoleId=${ROLES.projectManager}`, ['Cara', 'Dora']],
  ['Filter.RoleId=99', []],
  ['Filter.Department=wien', ['Änne', 'Berta', 'Emil']],
  ['Filter.HasApiAccess=true', ['Alice', 'Änne', 'Berta', 'Emil']],
  ['Filter.HasApiAccess=false', ['Cara', 'Dora', 'Fred']],
  [
    'Filter.HasApiAccess=true&Filter.Department=Wien&Filter.UserType=API%20Employee&Sort=-Name',
    ['Emil', 'Berta', 'Änne'],
  ],
  ['Filter.Name=anne', ['Änne']],
  ['Filter.Name=ÄNNE%20b', ['Änne']],
  ['Filter.Name=bot%20änne', ['Änne']],
  ['Filter.Text=Bot,%20Cara', ['Cara']],
  ['Filter.Text=odenb', ['Cara']],
  ['Filter.Name=wien', []],
])('?%s finds %j and counts them, whatever the page', async (query, found) => {
  const reply = await list(query);
  expect(names(reply)).toEqual(found);
  expect(reply.totalRecords).toBe(found.length);
  const first = await list(`${query}&PageSize=1`);
  expect(first.totalRecords).toBe(found.length);
  expect(names(first)).toEqual(found.slice(0, 1));
  const second = await list(`${query}&PageSize=1&PageNumber=2`);
  expect(second.totalRecords).toBe(found.length);
  expect(names(second)).toEqual(found.slice(1, 2));
});

const BY_NAME = ['Alice', 'Änne', 'Berta', 'Cara', 'Dora', 'Emil', 'Fred'];
const BY_DEPARTMENT = ['brno', 'ödenburg', 'wien', 'wien', 'wien', null, null];

it('İpek is found by ipek, however it is written, in every search', async () => {
  const turkish = await newTenant();
  await newEmployee(turkish, { userType: 'Employee', firstName: 'İpek', lastName: 'Işık' });
  for (const path of [
    '/v2/hr/employees?Filter.Text=',
    '/v2/hr/employees/searchselect?Filter.Filter_Text=',
    '/v2/hr/assignees?Name=',
  ]) {
    for (const text of ['ipek', 'İPEK', 'i\u0307pek', 'IPEK ışık']) {
      const reply = await request('GET', path + encodeURIComponent(text), { token: turkish.admin });
      expect(names(reply)).toEqual(['İpek']);
    }
  }
});

describe('Filter.Ids and Exclude', () => {
  const idsOf = async (...wanted: string[]) =>
    rows(await list('')).flatMap((row) => (wanted.includes(row.firstName) ? [row.id] : []));

  test.each([
    ['', ['Änne', 'Berta', 'Fred']],
    ['&Sort=-Name', ['Fred', 'Berta', 'Änne']],
    ['&Sort=UserName', ['Berta', 'Änne', 'Fred']],
    ['&Filter.Department=Wien', ['Änne', 'Berta']],
  ])('the named ids%s, in the order that was asked for', async (query, found) => {
    const ids = await idsOf('Berta', 'Änne', 'Fred');
    const reply = await list(`Filter.Ids=${ids.join()}&Filter.Ids=4711${query}`);
    expect(names(reply)).toEqual(found);
    expect(reply.totalRecords).toBe(found.length);
  });

  it('named ids come in pages', async () => {
    const ids = (await idsOf('Berta', 'Änne', 'Fred')).join();
    const first = await list(`Filter.Ids=${ids}&PageSize=2`);
    const second = await list(`Filter.Ids=${ids}&PageSize=2&Cursor=${first.nextCursor}`);
    expect([...names(first), ...names(second)]).toEqual(['Änne', 'Berta', 'Fred']);
  });

  it('Exclude leaves rows out by id, and fields by name', async () => {
    const [berta] = await idsOf('Berta');
    const reply = await list(`Exclude=${berta}&Exclude=emailAddress&Filter.Department=Wien`);
    expect(names(reply)).toEqual(['Änne', 'Emil']);
    expect(reply.totalRecords).toBe(2);
    expect(rows(reply).some((row) => 'emailAddress' in row)).toBe(false);
  });
});

describe('Sort', () => {
  test.each([
    ['Name', BY_NAME],
    ['name asc', BY_NAME],
    ['-Name', BY_NAME.toReversed()],
    ['Name desc', BY_NAME.toReversed()],
    ['-FirstName', BY_NAME.toReversed()],
    ['CreatedOn', ['Alice', ...PEOPLE.map(([name]) => name)]],
    ['CreatedOn desc', ['Alice', ...PEOPLE.map(([name]) => name)].toReversed()],
  ])('by %s', async (sort, order) => {
    const reply = await list(`Sort=${encodeURIComponent(sort)}`);
    expect(names(reply)).toEqual(order);
    expect(reply.totalRecords).toBe(order.length);
  });

  test.each([
    ['Department', BY_DEPARTMENT],
    ['-Department', ['wien', 'wien', 'wien', 'ödenburg', 'brno', null, null]],
  ])('by %s puts those without one last', async (sort, order) => {
    const departments = rows(await list(`Sort=${sort}`)).map((row) => row.department);
    expect(departments.map((name) => (typeof name === 'string' ? name.toLowerCase() : null))).toEqual(order);
  });

  test.each(['Name', '-Name', 'UserName', '-Department', 'IsActive'])(
    'by %s goes by cursor through every row once, in the same order',
    async (sort) => {
      const all = names(await list(`Sort=${sort}`));
      const seen: string[] = [];
      let cursor: string | null | undefined = '';
      do {
        const page: Reply = await list(`Sort=${sort}&PageSize=2${cursor ? `&Cursor=${cursor}` : ''}`);
        expect(page.totalRecords).toBe(BY_NAME.length);
        seen.push(...names(page));
        cursor = page.nextCursor;
      } while (cursor);
      expect(seen).toEqual(all);
    },
  );

  test.each([
    ['UserName', '-UserName'],
    ['Name', '-Name'],
    ['-Name', 'Name'],
    ['Name', 'UserName'],
  ])('by %s gives no cursor for %s', async (made, used) => {
    const { nextCursor } = await list(`Sort=${made}&PageSize=2`);
    const reply = await list(`Sort=${used}&PageSize=2&Cursor=${nextCursor}`);
    expect(reply).toMatchObject({ status: 400, error: { reason: 'cursor_unusable' } });
  });

  test.each(['Shoe size', '-Name desc', 'Name up'])(
    'by %j is refused, naming what there is',
    async (sort) => {
      const reply = await list(`Sort=${encodeURIComponent(sort)}`);
      expect(reply.status).toBe(400);
      expect(reply.error?.subErrors[0]).toMatch(/^Sort must be one of Name, UserName, /);
    },
  );
});
