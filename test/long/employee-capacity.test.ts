import { readFileSync } from 'node:fs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listEmployees } from '../../shared/store/employee-list.ts';
import { listSorted } from '../../shared/store/employee-sort.ts';
import { createEmployee, employeePuts, newEmployee, readEmployee } from '../../shared/store/employees.ts';
import { type ImportRow, nextRows, takenNames } from '../../shared/store/imports.ts';
import { employeeItem, type LicencesItem } from '../../shared/store/items.ts';
import { employeeCounter, licencesKey } from '../../shared/store/keys.ts';
import { batchWrite, putItem, queryPage, type Table } from '../../shared/store/table.ts';
import { ownTable } from '../support/own-table.ts';

let table: Table;
let small: Seeded;
let middling: Seeded;
let large: Seeded;
let largest: Seeded;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ table, close } = await ownTable());
  small = await seeded(100);
  middling = await seeded(1000);
  large = await seeded(5000);
  largest = await seeded(20_000);
  meter(table.client);
}, 300_000);
afterAll(() => close());

type Seeded = { readonly tenant: string; readonly middle: number };

/** A company with that many API Employees, by batch writes. */
async function seeded(count: number): Promise<Seeded> {
  const tenant = `acme-${count}`;
  const employees = Array.from({ length: count }, (_, at) => employeeOf(tenant, String(at).padStart(5, '0')));
  // Of each the employee alone, without its sign-in name: no list reads that.
  const puts = employees.flatMap((employee) =>
    employeePuts(employee)
      .slice(0, 1)
      .flatMap((write) => ('put' in write ? [write.put] : [])),
  );
  for (let from = 0; from < puts.length; from += 24) await batchWrite(table, puts.slice(from, from + 24));
  const licences: LicencesItem = { schema: 1, type: 'licences', total: 5, used: 0 };
  const counter = employeeCounter('API Employee', true);
  await putItem(table, { ...licencesKey(tenant), ...licences, [counter]: count });
  return { tenant, middle: employees[Math.floor(count / 2)]?.id ?? 0 };
}

function employeeOf(tenant: string, tag: string) {
  return newEmployee(
    {
      tenant,
      userName: `bot-${tag}`,
      firstName: 'Bot',
      lastName: tag,
      emailAddress: `bot-${tag}@integrations.acme.example`,
      employeeNumber: `E-${tag}`,
      jobTitle: 'Integration of billing',
      department: 'Operations',
      location: 'Dublin',
      notes: 'Keeps the ledger in step with the tickets of the day. '.repeat(10),
      userType: 'API Employee',
      active: true,
      sso: false,
      roleIds: [],
    },
    new Date(),
  );
}

let calls = 0;
let units = 0;

/** Adds up what each call says that it consumed, by a middleware of the client's own stack. */
function meter(client: DynamoDBClient): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
      const result = await next({ ...args, input });
      const { ConsumedCapacity } = result.output as { ConsumedCapacity?: unknown };
      const consumed = [ConsumedCapacity].flat() as ({ CapacityUnits?: number } | undefined)[];
      calls += 1;
      units += consumed.reduce((sum, part) => sum + (part?.CapacityUnits ?? Number.NaN), 0);
      return result;
    },
    { step: 'initialize' },
  );
}

async function costOf(work: () => Promise<unknown>): Promise<{ calls: number; units: number }> {
  calls = 0;
  units = 0;
  await work();
  return { calls, units };
}

const firstPage = ({ tenant }: Seeded) =>
  listEmployees(table, tenant, {}, { size: 20, skip: 0, cursor: undefined });
let created = 0;

describe('P9: the same calls and capacity with 100 and with 20,000 employees', () => {
  it.each<[string, number, (seeded: Seeded) => Promise<unknown>]>([
    ['the first page', 2, firstPage],
    [
      'a page by cursor',
      2,
      async ({ tenant }) => {
        const cursor = 'bot 00050#1';
        const page = await listEmployees(table, tenant, {}, { size: 20, skip: 0, cursor });
        expect(page.employees).toHaveLength(20);
      },
    ],
    [
      'a page backwards',
      2,
      ({ tenant }) => listEmployees(table, tenant, {}, { size: 20, skip: 0, cursor: undefined }, true),
    ],
    ['one employee', 1, ({ tenant, middle }) => readEmployee(table, tenant, middle)],
    [
      'a creation',
      1,
      ({ tenant }) => {
        created += 1;
        const employee = employeeOf(tenant, `new-${created}`);
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

/** The row of docs/data-model.md: `| 5,000 | 12 | 241 |`. */
function published(employees: number): { calls: number; units: number } {
  const page = readFileSync(new URL('../../docs/data-model.md', import.meta.url), 'utf8');
  const row = new RegExp(`^\\| ${employees.toLocaleString('en')} \\| ([\\d,]+) \\| ([\\d,.]+) \\|`, 'm').exec(
    page,
  );
  const [calls = Number.NaN, units = Number.NaN] = (row ?? [])
    .slice(1)
    .map((n) => Number(n.replace(',', '')));
  return { calls, units };
}

describe('P9: what walks the compact index costs what docs/data-model.md says', () => {
  const start = { size: 20, skip: 0, cursor: undefined };
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
      const cost = await costOf(() => walk(seeded));
      const told = published(employees);
      expect(Math.abs(cost.calls - told.calls), `${employees}: ${cost.calls} calls`).toBeLessThanOrEqual(1);
      expect(Math.abs(cost.units - told.units), `${employees}: ${cost.units} units`).toBeLessThanOrEqual(
        1 + told.units / 10,
      );
    }
  });

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
