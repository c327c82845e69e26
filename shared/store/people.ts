import * as v from 'valibot';
import { foldName } from '../rules/names.ts';
import { fullName, isPerson, mayBePicked, type PeopleFilter } from '../rules/people.ts';
import { employeeCount } from './employee-list.ts';
import { readLicences } from './employees.ts';
import { employeeItem, type ListedEmployee, listedEmployee } from './items.ts';
import { BY_NAME_INDEX, employeeKey, employeeListPartition, employeeListSort } from './keys.ts';
import { batchGet, type Page, queryPage, type Table } from './table.ts';

/** People as pickers show them: every read of this file leaves API Employees out (M11). */

export type PeopleQuery = PeopleFilter & { readonly ids?: readonly number[] | undefined };
type At = { readonly size: number; readonly skip: number; readonly descending: boolean };
type People = { readonly people: readonly ListedEmployee[]; readonly totalRecords: number };

/** Rows asked of the index at a time while a filter or a page number makes it walk. */
const WALK_ROWS = 500;
/** A first page reads little more than itself; API Employees and inactive people stand among the rows. */
const PAGE_ROWS_SPARE = 20;
const BATCH_GET_KEYS = 100;

/**
 * One page of people by name. Named ids are read themselves; an unfiltered page reads the index up to its end,
 * with the total from the counters; a search walks the index to its end.
 */
export function listPeople(table: Table, tenant: string, query: PeopleQuery, at: At): Promise<People> {
  return query.ids === undefined
    ? walkPeople(table, tenant, query, at)
    : readPeople(table, tenant, query.ids, query, at);
}

async function readPeople(
  table: Table,
  tenant: string,
  ids: readonly number[],
  filter: PeopleFilter,
  { size, skip, descending }: At,
): Promise<People> {
  const found: ListedEmployee[] = [];
  for (let start = 0; start < ids.length; start += BATCH_GET_KEYS) {
    const wanted = ids
      .slice(start, start + BATCH_GET_KEYS)
      .map((id) => [String(id), { key: employeeKey(tenant, id), schema: employeeItem }] as const);
    const read = await batchGet(table, Object.fromEntries(wanted));
    found.push(...Object.values(read).filter((employee) => employee !== undefined));
  }
  const matching = found.filter((employee) => mayBePicked(employee, filter)).sort(byIndexOrder);
  if (descending) matching.reverse();
  return { people: matching.slice(skip, skip + size), totalRecords: matching.length };
}

async function walkPeople(table: Table, tenant: string, filter: PeopleFilter, at: At): Promise<People> {
  const counted = isCounted(filter);
  const firstPage = counted && at.skip === 0;
  const rows = firstPage ? Math.min(at.size + PAGE_ROWS_SPARE, WALK_ROWS) : WALK_ROWS;
  const total = counted ? countPeople(table, tenant, filter) : undefined;
  const people: ListedEmployee[] = [];
  let matches = 0;
  let startAfter: Record<string, unknown> | undefined;
  do {
    const page: Page<ListedEmployee> = await queryPage(table, listedEmployee, {
      IndexName: BY_NAME_INDEX,
      KeyConditionExpression: 'listPK = :list',
      ExpressionAttributeValues: { ':list': { S: employeeListPartition(tenant) } },
      ScanIndexForward: !at.descending,
      Limit: rows,
      startAfter,
    });
    for (const employee of page.items) {
      if (!mayBePicked(employee, filter)) continue;
      matches += 1;
      if (matches > at.skip && people.length < at.size) people.push(employee);
    }
    startAfter = page.lastKey;
  } while (startAfter !== undefined && (!counted || people.length < at.size));
  return { people, totalRecords: (await total) ?? matches };
}

/** What the counters know the number of: types and states, but no names and no ids. */
function isCounted(filter: PeopleFilter): boolean {
  return filter.name === undefined && filter.text === undefined && !filter.excludedIds?.length;
}

/** Active people, or inactive ones where asked for, from the counters. */
export async function countPeople(table: Table, tenant: string, filter: PeopleFilter = {}): Promise<number> {
  const licences = await readLicences(table, tenant);
  const active = filter.active ?? true;
  const employees = employeeCount(licences, { userType: 'Employee', active });
  return filter.employeesOnly === true
    ? employees
    : employees + employeeCount(licences, { userType: 'External Employee', active });
}

function byIndexOrder(a: ListedEmployee, b: ListedEmployee): number {
  // DynamoDB orders by the bytes of UTF-8; the strings of this language by those of UTF-16.
  return Buffer.compare(indexBytes(a), indexBytes(b));
}

function indexBytes(employee: ListedEmployee): Buffer {
  return Buffer.from(employeeListSort(foldName(fullName(employee)), employee.id));
}

/** The few attributes that the distinct values are made of. */
const placement = v.object({
  userType: employeeItem.entries.userType,
  active: v.boolean(),
  department: v.optional(v.string()),
  jobTitle: v.optional(v.string()),
});

/** What the people of a tenant have in one text field, inactive ones too; a walk over the whole index. */
export async function heldTexts(
  table: Table,
  tenant: string,
  field: 'department' | 'jobTitle',
): Promise<{ readonly text: string; readonly active: boolean }[]> {
  const held: { text: string; active: boolean }[] = [];
  let startAfter: Record<string, unknown> | undefined;
  do {
    const page: Page<v.InferOutput<typeof placement>> = await queryPage(table, placement, {
      IndexName: BY_NAME_INDEX,
      KeyConditionExpression: 'listPK = :list',
      ExpressionAttributeValues: { ':list': { S: employeeListPartition(tenant) } },
      ProjectionExpression: '#userType, #active, #field',
      ExpressionAttributeNames: { '#userType': 'userType', '#active': 'active', '#field': field },
      startAfter,
    });
    for (const row of page.items) {
      const text = row[field];
      if (isPerson(row) && text !== undefined) held.push({ text, active: row.active });
    }
    startAfter = page.lastKey;
  } while (startAfter !== undefined);
  return held;
}
