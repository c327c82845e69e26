import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newEmployee as newAccount } from '../../shared/store/employees.ts';
import { countPeople, heldTexts, listPeople } from '../../shared/store/people.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { aroundCalls } from '../support/aws-calls.ts';
import { capacityMeter, seedEmployees } from '../support/capacity.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { newEmployee, newTenant, type Tenant } from '../support/world.ts';

let table: Table;
let tenant: Tenant;
let ids: number[];
const seen: string[] = [];

beforeAll(async () => {
  tenant = await newTenant({ licences: 20 });
  const names = Array.from({ length: 6 }, (_, index) => `Person ${index}`);
  const made = await Promise.all(
    // API Employees before, between and after the people.
    names.flatMap((firstName) => [
      newEmployee(tenant, { userType: 'Employee', firstName, lastName: 'P', department: 'D' }),
      newEmployee(tenant, { firstName, lastName: 'Robot' }),
    ]),
  );
  ids = made.map(({ id }) => id);
  table = openTable(useStackEnvironment().TABLE_NAME);
  aroundCalls(table.client, ({ operation }, next) => {
    seen.push(operation);
    return next();
  });
});

beforeEach(() => {
  seen.length = 0;
});

const page = (skip: number, filter = {}) =>
  listPeople(table, tenant.name, filter, { size: 4, skip, descending: false });

it('a first page reads its part of the index and the counters', async () => {
  const { people, totalRecords } = await page(0);
  expect([people.length, totalRecords]).toEqual([4, 7]);
  expect(seen.sort()).toEqual(['GetItem', 'Query']);
});

it('a page is full as long as there are people, whatever stands between them', async () => {
  expect((await page(4)).people).toHaveLength(3);
  expect((await page(8)).people).toEqual([]);
});

it('a search needs no counters', async () => {
  expect(await page(0, { name: 'person' })).toMatchObject({ totalRecords: 6 });
  expect(seen).toEqual(['Query']);
});

it('named ids are read in one call, and no index', async () => {
  expect(await page(0, { ids })).toMatchObject({ totalRecords: 6 });
  expect(seen).toEqual(['BatchGetItem']);
});

it('a count reads the counters alone', async () => {
  expect(await countPeople(table, tenant.name)).toBe(7);
  expect(seen).toEqual(['GetItem']);
});

it('departments read the active people once, job titles both states', async () => {
  expect(await heldTexts(table, tenant.name, 'department', [true])).toHaveLength(6);
  expect(seen).toEqual(['Query']);
  seen.length = 0;
  await heldTexts(table, tenant.name, 'jobTitle', [true, false]);
  expect(seen).toEqual(['Query', 'Query']);
});

describe('P9: no picker reads API Employees', () => {
  const unfiltered = { size: 500, skip: 0, descending: false };
  const pickers: [string, () => Promise<unknown>][] = [
    ['everybody', () => listPeople(table, tenant.name, {}, unfiltered)],
    ['everybody, backwards', () => listPeople(table, tenant.name, {}, { ...unfiltered, descending: true })],
    ['inactive people', () => listPeople(table, tenant.name, { active: false }, unfiltered)],
    ['Employees only', () => listPeople(table, tenant.name, { employeesOnly: true }, unfiltered)],
    ['a name', () => listPeople(table, tenant.name, { name: 'nobody' }, unfiltered)],
    ['a text', () => listPeople(table, tenant.name, { text: 'nobody' }, unfiltered)],
    ['a page past the end', () => page(400)],
    ['departments', () => heldTexts(table, tenant.name, 'department', [true])],
    ['job titles', () => heldTexts(table, tenant.name, 'jobTitle', [true, false])],
  ];
  let before: { calls: number; units: number }[];
  let after: { calls: number; units: number }[];

  beforeAll(async () => {
    const costOf = capacityMeter(table.client);
    const measure = async () => {
      const costs = [];
      for (const [, picker] of pickers) costs.push(await costOf(picker));
      return costs;
    };
    before = await measure();
    await seedEmployees(
      table,
      Array.from({ length: 600 }, (_, at) => robot(at)),
    );
    after = await measure();
  });

  it.each(pickers.map(([name], at) => [name, at] as const))('%s', (_, at) => {
    expect(before[at]?.units).toBeGreaterThan(0);
    expect(after[at]).toEqual(before[at]);
  });
});

/** Before and after all people by name, with texts of its own. */
function robot(at: number) {
  return newAccount(
    {
      tenant: tenant.name,
      userName: `robot-${at}`,
      firstName: at % 2 === 0 ? 'Aaron' : 'Zoe',
      lastName: `Robot ${at}`,
      department: `Department ${at}`,
      jobTitle: `Title ${at}`,
      userType: 'API Employee',
      active: at % 3 > 0,
      sso: false,
      roleIds: [],
    },
    new Date(),
  );
}
