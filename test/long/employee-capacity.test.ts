import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nameKey } from '../../shared/rules/name-order.ts';
import type { UserType } from '../../shared/rules/user-types.ts';
import { listEmployees } from '../../shared/store/employee-list.ts';
import { listSorted } from '../../shared/store/employee-sort.ts';
import { createEmployee, readEmployee } from '../../shared/store/employees.ts';
import { type ImportRow, nextRows, takenNames } from '../../shared/store/imports.ts';
import { employeeItem, type LicencesItem } from '../../shared/store/items.ts';
import { employeeCounter, licencesKey } from '../../shared/store/keys.ts';
import { heldTexts, listPeople } from '../../shared/store/people.ts';
import { putItem, queryPage, type Table } from '../../shared/store/table.ts';
import {
  capacityMeter,
  publishedWalk,
  seedEmployees,
  usualEmployee,
  usualEmployees,
} from '../support/capacity.ts';
import { ownTable } from '../support/own-table.ts';

let table: Table;
let small: Seeded;
let middling: Seeded;
let large: Seeded;
let largest: Seeded;
let close: () => Promise<void>;
let costOf: ReturnType<typeof capacityMeter>;
beforeAll(async () => {
  ({ table, close } = await ownTable());
  small = await seeded(100);
  middling = await seeded(1000);
  large = await seeded(5000);
  largest = await seeded(20_000);
  costOf = capacityMeter(table.client);
  // The engine's writes into one company slow down as it grows.
}, 900_000);
afterAll(() => close());

type Seeded = { readonly tenant: string; readonly middle: number };

/** A company with that many employees of one type, by batch writes. */
async function seeded(count: number, userType: UserType = 'API Employee'): Promise<Seeded> {
  // Names of one length, since items are weighed by the kilobyte.
  const tenant = `acme-${userType.slice(0, 3).toLowerCase()}-${String(count).padStart(5, '0')}`;
  const employees = usualEmployees(tenant, count, userType);
  await seedEmployees(table, employees);
  const licences: LicencesItem = { schema: 1, type: 'licences', total: 5, used: 0 };
  const counter = employeeCounter(userType, true);
  await putItem(table, { ...licencesKey(tenant), ...licences, [counter]: count });
  return { tenant, middle: employees[Math.floor(count / 2)]?.id ?? 0 };
}

const firstPage = ({ tenant }: Seeded) =>
  listEmployees(table, tenant, {}, { size: 20, skip: 0, after: undefined });
let created = 0;

describe('P9: the same calls and capacity with 100 and with 20,000 employees', () => {
  it.each<[string, number, (seeded: Seeded) => Promise<unknown>]>([
    ['the first page', 2, firstPage],
    [
      'a page by cursor',
      2,
      async ({ tenant }) => {
        const after = { value: nameKey('Bot 00050'), id: 1 };
        const page = await listEmployees(table, tenant, {}, { size: 20, skip: 0, after });
        expect(page.employees).toHaveLength(20);
      },
    ],
    [
      'a page backwards',
      2,
      ({ tenant }) => listEmployees(table, tenant, {}, { size: 20, skip: 0, after: undefined }, true),
    ],
    ['one employee', 1, ({ tenant, middle }) => readEmployee(table, tenant, middle)],
    [
      'a creation',
      1,
      ({ tenant }) => {
        created += 1;
        const employee = usualEmployee(tenant, `new-${created}`, 'API Employee');
        return createEmployee(table, employee, [], {
          effects: { licences: 0, administrators: 0 },
          audit: {
            tenant,
            at: new Date(),
            action: 'employee.create',
            outcome: 'done',
            actor: { kind: 'system' },
          },
        });
      },
    ],
  ])('%s takes %i calls', async (_, expected, work) => {
    const inSmall = await costOf(() => work(small));
    const inLarge = await costOf(() => work(largest));
    expect(inSmall.calls).toBe(expected);
    expect(inSmall.units).toBeGreaterThan(0);
    expect(inLarge).toEqual(inSmall);
  });

  it('totals come from the counters', async () => {
    expect((await firstPage(small)).totalRecords).toBe(100 + created / 2);
    expect((await firstPage(largest)).totalRecords).toBe(20_000 + created / 2);
  });
});

describe('P9: what walks the compact index costs what docs/data-model.md says', () => {
  const start = { size: 20, skip: 0, after: undefined };
  const picked = { size: 500, skip: 0, descending: false };
  const expectAsPublished = (row: string, cost: { calls: number; units: number }) => {
    const told = publishedWalk(row);
    expect(Math.abs(cost.calls - told.calls), `${row}: ${cost.calls} calls`).toBeLessThanOrEqual(1);
    expect(Math.abs(cost.units - told.units), `${row}: ${cost.units} units`).toBeLessThanOrEqual(
      1 + told.units / 10,
    );
  };
  const walks: [string, (seeded: Seeded) => Promise<unknown>][] = [
    ['a text filter', ({ tenant }) => listEmployees(table, tenant, { text: 'nobody' }, start)],
    [
      'another sort',
      ({ tenant }) => listSorted(table, tenant, {}, { field: 'JobTitle', descending: false }, start),
    ],
  ];
  it.each(walks)('%s', async (_, walk) => {
    for (const [employees, seeded] of [
      [100, small],
      [1000, middling],
      [5000, large],
      [20_000, largest],
    ] as const) {
      expectAsPublished(employees.toLocaleString('en'), await costOf(() => walk(seeded)));
    }
  });

  it.each([100, 1000])(
    'a search of a picker, and the departments, among %i people',
    {
      timeout: 120_000,
    },
    async (people) => {
      const { tenant } = await seeded(people, 'Employee');
      const row = `${people.toLocaleString('en')} people`;
      const search = () => listPeople(table, tenant, { name: 'nobody' }, picked);
      const cost = await costOf(search);
      expectAsPublished(row, cost);
      const values = await costOf(() => heldTexts(table, tenant, 'department', [true]));
      expect(values.units).toBeLessThanOrEqual(cost.units);
    },
  );

  it('whole items would cost three times as much: the index is compact', async () => {
    const whole = await costOf(() =>
      queryPage(table, employeeItem, {
        KeyConditionExpression: 'PK = :tenant AND begins_with(SK, :employees)',
        ExpressionAttributeValues: {
          ':tenant': { S: `TENANT#${small.tenant}` },
          ':employees': { S: 'EMPLOYEE#' },
        },
      }),
    );
    const compact = await costOf(() => listEmployees(table, small.tenant, { text: 'nobody' }, start));
    expect(whole.units).toBeGreaterThan(2 * compact.units);
  });
});

describe('an import', () => {
  const rows = Array.from({ length: 5000 }, (_, at): ImportRow => {
    const fields = {
      ...{ userName: `row-${at}`, firstName: 'Im', lastName: 'Port', userType: 'API Employee' as const },
      ...{ isActive: true, isSso: false, securityRoleIds: [] },
    };
    return { row: at + 2, fields, roles: [], effects: { licences: 0, administrators: 0 }, mailed: false };
  });

  it('asks for 100 names in one call', async () => {
    const { calls: asked } = await costOf(() =>
      takenNames(
        table,
        small.tenant,
        rows.slice(0, 1000).map(({ fields }) => fields.userName),
      ),
    );
    expect(asked).toBe(10);
  });

  it('writes 5,000 rows in fewer than 160 transactions', () => {
    let transactions = 0;
    for (let done = 0; done < rows.length; transactions += 1) {
      const group = nextRows(rows.slice(done, done + 40), 10);
      expect(group.length).toBeGreaterThan(0);
      done += group.length;
    }
    expect(transactions).toBeLessThan(160);
  });
});
