import { beforeAll, beforeEach, expect, it } from 'vitest';
import { countPeople, heldTexts, listPeople } from '../../shared/store/people.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
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
  table.client.middlewareStack.add(
    (next, context) => (args) => {
      seen.push(context.commandName ?? '');
      return next(args);
    },
    { step: 'initialize' },
  );
});

beforeEach(() => {
  seen.length = 0;
});

const page = (skip: number, filter = {}) =>
  listPeople(table, tenant.name, filter, { size: 4, skip, descending: false });

it('a first page reads its part of the index and the counters', async () => {
  const { people, totalRecords } = await page(0);
  expect([people.length, totalRecords]).toEqual([4, 7]);
  expect(seen.sort()).toEqual(['GetItemCommand', 'QueryCommand']);
});

it('a page is full as long as there are people, whatever stands between them', async () => {
  expect((await page(4)).people).toHaveLength(3);
  expect((await page(8)).people).toEqual([]);
});

it('a search needs no counters', async () => {
  expect(await page(0, { name: 'person' })).toMatchObject({ totalRecords: 6 });
  expect(seen).toEqual(['QueryCommand']);
});

it('named ids are read in one call, and no index', async () => {
  expect(await page(0, { ids })).toMatchObject({ totalRecords: 6 });
  expect(seen).toEqual(['BatchGetItemCommand']);
});

it('a count reads the counters alone', async () => {
  expect(await countPeople(table, tenant.name)).toBe(7);
  expect(seen).toEqual(['GetItemCommand']);
});

it('departments read the index once, and no more of it than they show', async () => {
  expect(await heldTexts(table, tenant.name, 'department')).toHaveLength(6);
  expect(seen).toEqual(['QueryCommand']);
});
