import fc from 'fast-check';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { textNumber } from '../../shared/ids.ts';
import { namedValues } from '../../shared/rules/stable-ids.ts';
import {
  choosePassword,
  type Employee,
  mailedLink,
  newEmployee,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

type Row = { id: number; name: string; [field: string]: unknown };

let tenant: Tenant;
/** By first name. */
const people: Record<string, Employee> = {};
let bot: Employee;

const person = (firstName: string, lastName: string, fields: object = {}) =>
  newEmployee(tenant, { userType: 'Employee', firstName, lastName, ...fields });

async function look(path: string, token = tenant.admin) {
  const reply = await request('GET', path, { token });
  expect(reply.error).toBeNull();
  return { rows: reply.result as Row[], total: reply.totalRecords };
}
const idOf = (name: string) => people[name]?.id ?? 0;
const namesAt = async (path: string) => (await look(path)).rows.map(({ name }) => name);

beforeAll(async () => {
  tenant = await newTenant({ licences: 20 });
  const made = await Promise.all([
    person('Зоя', 'Иванова', { department: 'Поддержка', jobTitle: 'Инженер' }),
    person('Åsa', 'Öberg', { department: 'Support', jobTitle: 'Engineer' }),
    person('健', '山田', { department: 'ＳＵＰＰＯＲＴ', jobTitle: '技術者' }),
    person('Bob', 'Bell', {
      userType: 'External Employee',
      department: 'Sales',
      securityRoleIds: [ROLES.externalUser],
    }),
    person('Gone', 'Away', { isActive: false, department: 'Archive', jobTitle: 'Archivist' }),
  ]);
  for (const employee of made) people[String(employee.firstName)] = employee;
  bot = await newEmployee(tenant, { department: 'Robots', jobTitle: 'Robot' });
});

describe('employees', () => {
  it('lookup: id and name of active people, by name', async () => {
    const { rows, total } = await look('/v2/hr/employees/lookup');
    expect(total).toBe(5);
    expect(rows.map(({ name }) => name)).toEqual([
      'Alice Archer',
      'Åsa Öberg',
      'Bob Bell',
      'Зоя Иванова',
      '健 山田',
    ]);
    expect(rows[0]).toEqual({ id: tenant.adminId, name: 'Alice Archer' });
  });

  test.each(['-Name', 'Name%20desc', '-name', 'NAME%20DESC'])('Sort=%s turns it round', async (sort) => {
    const forwards = await namesAt('/v2/hr/employees/lookup?Sort=Name');
    const path = `/v2/hr/employees/lookup?sort=${sort}`;
    expect(await namesAt(path)).toEqual(forwards.toReversed());
    const ids = (await look('/v2/hr/employees/lookup')).rows.map(({ id }) => id).join();
    expect(await namesAt(`${path}&Filter.Ids=${ids}`)).toEqual(forwards.toReversed());
  });

  it('pages; a page past the end is empty', async () => {
    const whole = await namesAt('/v2/hr/employees/lookup');
    const pages: string[][] = [];
    for (let number = 1; number <= 4; number += 1) {
      const { rows, total } = await look(`/v2/hr/employees/lookup?PageSize=2&PageNumber=${number}`);
      expect(total).toBe(5);
      pages.push(rows.map(({ name }) => name));
    }
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1, 0]);
    expect(pages.flat()).toEqual(whole);
  });

  it('Filter.Ids: repeated, joined by commas, in any spelling, none but active people', async () => {
    const three = [idOf('Bob'), idOf('Åsa'), tenant.adminId];
    const expected = ['Alice Archer', 'Åsa Öberg', 'Bob Bell'];
    for (const query of [
      three.map((id) => `Filter.Ids=${id}`).join('&'),
      `Filter.Ids=${three.join(',')}`,
      `filter.ids=${three[0]}&FILTER.IDS=${three[1]},%20${three[2]}&Filter.Ids=`,
      `Filter.Ids=${[...three, ...three, idOf('Gone'), bot.id, 4711].join(',')}`,
    ]) {
      expect(await namesAt(`/v2/hr/employees/lookup?${query}`)).toEqual(expected);
    }
    const paged = await look(`/v2/hr/employees/lookup?Filter.Ids=${three.join()}&PageSize=2&PageNumber=2`);
    expect(paged).toMatchObject({ rows: [{ name: 'Bob Bell' }], total: 3 });
  });

  it('takes 500 of the longest ids joined by commas: with a token they fit into what API Gateway takes', async () => {
    const ids = Array.from({ length: 500 }, (_, i) => 2_147_483_647 - i).join();
    const reply = await request('GET', `/v2/hr/employees/lookup?Filter.Ids=${ids}`, { token: tenant.admin });
    expect(reply).toMatchObject({ status: 200, result: [] });
  });

  test.each([
    ['a name given twice', 'Filter.Name=a&filter.name=b', 'filter.name is given more than once'],
    ['ids that are no numbers', 'Filter.Ids=1,x', 'Filter.Ids must be whole numbers'],
    ['ids that are too large', 'Filter.Ids=4294967296', 'Filter.Ids must be whole numbers'],
    ['501 ids', `Filter.Ids=${Array.from({ length: 501 }, (_, i) => i + 1).join()}`, 'at most 500 ids'],
    ['a filter that is not its own', 'Filter.Colour=red', 'Filter.Colour is not a field of this call'],
    ['a page of nothing', 'PageSize=0', 'PageSize must be at least 1'],
  ])('refuses %s', async (_, query, problem) => {
    const reply = await request('GET', `/v2/hr/employees/lookup?${query}`, { token: tenant.admin });
    expect(reply).toMatchObject({ status: 400, error: { reason: 'invalid_fields' }, result: null });
    expect(reply.error?.subErrors.join().toLowerCase()).toContain(problem.toLowerCase());
  });

  test.each([
    ['ИВАН', ['Зоя Иванова']],
    ['öb', ['Åsa Öberg', 'Bob Bell']],
    ['oberg', ['Åsa Öberg']],
    ['O\u0308BERG', ['Åsa Öberg']],
    ['山', ['健 山田']],
    ['ｂｏｂ', ['Bob Bell']],
    ['nobody', []],
    ['away', []],
  ])('Filter.Name=%s', async (name, expected) => {
    const query = `Filter.Name=${encodeURIComponent(name)}`;
    const { rows, total } = await look(`/v2/hr/employees/lookup?${query}`);
    expect(rows.map((row) => row.name)).toEqual(expected);
    expect(total).toBe(expected.length);
  });

  it('searchselect: looks at user name, mail address and job title too; inactive people when asked', async () => {
    const path = '/v2/hr/employees/searchselect';
    const { rows } = await look(`${path}?Filter.Filter_Text=${people.Åsa?.userName.toUpperCase()}`);
    expect(rows).toEqual([
      {
        id: idOf('Åsa'),
        firstName: 'Åsa',
        lastName: 'Öberg',
        emailAddress: people.Åsa?.emailAddress,
        username: people.Åsa?.userName,
        jobTitle: 'Engineer',
        isActive: true,
      },
    ]);
    expect((await look(`${path}?Filter.Filter_Text=${encodeURIComponent('術者')}`)).rows).toHaveLength(1);
    expect((await look(`${path}?Filter.Filter_Text=`)).total).toBe(5);
    expect((await look(`${path}?Filter.IsActive=false`)).rows).toMatchObject([
      { id: idOf('Gone'), isActive: false },
    ]);
  });
});

describe('assignees', () => {
  it('have their picture fields, and External Employees among them unless asked otherwise', async () => {
    const { rows, total } = await look('/v2/hr/assignees?Name=bob');
    expect(rows).toEqual([
      {
        id: idOf('Bob'),
        firstName: 'Bob',
        lastName: 'Bell',
        name: 'Bob Bell',
        emailAddress: people.Bob?.emailAddress,
        pictureName: null,
        pictureUrl: null,
      },
    ]);
    expect(total).toBe(1);
    expect(await look('/v2/hr/assignees?EmployeesOnly=true')).toMatchObject({ total: 4 });
    expect((await look(`/v2/hr/assignees?Ids=${idOf('Bob')}&Ids=${idOf('Åsa')}`)).total).toBe(2);
  });

  it('lookup: leaves out whom it is told to', async () => {
    const without = `Filter.ExcludedIds=${idOf('Bob')}&Filter.ExcludedIds=${idOf('Åsa')},${idOf('Зоя')}`;
    const { rows, total } = await look(`/v2/hr/assignees/lookup?${without}&Filter.AccountId=7`);
    expect(rows.map(({ name }) => name)).toEqual(['Alice Archer', '健 山田']);
    expect(total).toBe(2);
    expect(Object.keys(rows[0] ?? {})).toEqual([
      'id',
      'name',
      'url',
      'emailAddress',
      'jobTitle',
      'pictureName',
      'pictureURL',
    ]);
    const lean = await look('/v2/hr/assignees/lookup?Exclude=url,pictureName&Exclude=PictureUrl,jobtitle');
    expect(Object.keys(lean.rows[0] ?? {})).toEqual(['id', 'name', 'emailAddress']);
    expect((await look(`/v2/hr/assignees/lookup?Exclude=${idOf('Bob')}`)).total).toBe(4);
  });

  it('have roles, the first of them the default', async () => {
    const { rows } = await look(`/v2/hr/assignees/${idOf('Bob')}/roles`);
    expect(rows).toEqual([{ id: ROLES.externalUser, name: 'External User', isDefault: true }]);
  });
});

describe('departments and job titles', () => {
  it('are the distinct ones of people, look-alikes one, each with an id that stays', async () => {
    const first = await look('/v2/admin/hr/departments/lookup');
    expect(first.rows.map(({ name }) => name)).toEqual(['Sales', 'Support', 'Поддержка']);
    await person('New', 'Comer', { department: 'sUPPORT' });
    await person('New', 'Second', { department: 'Accounts' });
    const then = await look('/v2/admin/hr/departments/lookup');
    expect(then.rows.map(({ name }) => name)).toEqual(['Accounts', 'Sales', 'Support', 'Поддержка']);
    expect(then.rows).toEqual(expect.arrayContaining(first.rows.slice(0, 1)));
    expect(then.rows.map(({ id }) => id)).toEqual(expect.arrayContaining(first.rows.map(({ id }) => id)));
    const support = first.rows[1]?.id;
    expect(await look(`/v2/admin/hr/departments/lookup?Filter.Ids=${support}`)).toMatchObject({ total: 1 });
    expect(await namesAt('/v2/admin/hr/departments/lookup?Sort=-Name&PageSize=1')).toEqual(['Поддержка']);
  });

  it('job titles say whether an active person has them', async () => {
    const { rows } = await look('/v2/admin/hr/jobtitles/lookup');
    expect(rows.map(({ name, isActive }) => [name, isActive])).toEqual([
      ['Archivist', false],
      ['Engineer', true],
      ['Инженер', true],
      ['技術者', true],
    ]);
    expect(await namesAt(`/v2/admin/hr/jobtitles/lookup?Filter.Name=${encodeURIComponent('ИНЖ')}`)).toEqual([
      'Инженер',
    ]);
  });

  it('ids are positive 32-bit integers, distinct even where numbers meet, and of the text alone', () => {
    const narrow = (text: string, attempt: number) => (textNumber(text, attempt) % 40) + 1;
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'binary' }), { maxLength: 30 }),
        fc.nat(),
        (texts, turn) => {
          const held = texts.map((text) => ({ text, active: true }));
          const wide = namedValues(held, textNumber);
          for (const { id } of wide) expect(Number.isInteger(id) && id > 0 && id < 2 ** 31).toBe(true);
          const crowded = namedValues(held, narrow);
          expect(new Set(crowded.map(({ id }) => id)).size).toBe(crowded.length);
          const at = texts.length === 0 ? 0 : turn % texts.length;
          const turned = [...held.slice(at), ...held.slice(0, at)];
          expect(namedValues(turned, narrow)).toEqual(crowded);
        },
      ),
    );
  });
});

describe('who may look', () => {
  const PATHS = ['/v2/hr/employees/lookup', '/v2/hr/assignees/count', '/v2/system/roles/lookup'];

  async function tokenOf(userType: string, rights: object, isExternal: boolean): Promise<string> {
    const role = await request('POST', '/v2/admin/security/roles', {
      token: tenant.admin,
      body: { name: `Role ${crypto.randomUUID()}`, apiAccess: true, isExternal, rights },
    });
    const employee = await newEmployee(tenant, {
      userType,
      securityRoleIds: [(role.result as Row).id],
      sendInstructions: true,
    });
    await choosePassword(await mailedLink(employee.emailAddress), PASSWORD);
    return tokenFor(`${tenant.name}\\${employee.userName}`, PASSWORD);
  }

  test.each(['Employee', 'API Employee'])('%s: every one with a token', async (userType) => {
    const token = await tokenOf(userType, {}, false);
    for (const path of PATHS) expect((await request('GET', path, { token })).status).toBe(200);
    expect((await request('GET', '/v2/hr/employees', { token })).error?.reason).toBe('right_missing');
  });

  it('External Employee: with the right only', async () => {
    const without = await tokenOf('External Employee', {}, true);
    for (const path of PATHS) {
      const refused = await request('GET', path, { token: without });
      expect(refused).toMatchObject({ status: 403, error: { reason: 'right_missing' } });
    }
    const right = await tokenOf('External Employee', { hr: ['view'], security: ['view'] }, true);
    for (const path of PATHS) expect((await request('GET', path, { token: right })).status).toBe(200);
  });
});
