import * as v from 'valibot';
import { compareKeys } from '../rules/name-order.ts';
import { mayBePicked, type PeopleFilter } from '../rules/people.ts';
import { employeeCount } from './employee-list.ts';
import { listSort, readEmployees, readLicences } from './employees.ts';
import { type ListedPerson, listedPerson } from './items.ts';
import { PEOPLE_INDEX, peopleListPartition } from './keys.ts';
import { type Page, queryPage, queryPages, type Table } from './table.ts';

/**
 * People as pickers show them. API Employees are in no read of this file (M11): people have an index of their own,
 * so that what a picker costs does not grow with them.
 */

export type PeopleQuery = PeopleFilter & { readonly ids?: readonly number[] | undefined };
type At = { readonly size: number; readonly skip: number; readonly descending: boolean };
type People = { readonly people: readonly ListedPerson[]; readonly totalRecords: number };

/** Rows asked of the index at a time while a filter or a page number makes it walk. */
const WALK_ROWS = 500;

/**
 * One page of people by name. Named ids are read themselves; an unfiltered page reads the index as far as the
 * page, with the total from the counters; a search walks the people of that state to their end.
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
  const found = await readEmployees(table, tenant, ids);
  const matching = found
    .filter((employee) => mayBePicked(employee, filter))
    .sort((a, b) => compareKeys(listSort(a), listSort(b)));
  if (descending) matching.reverse();
  return { people: matching.slice(skip, skip + size), totalRecords: matching.length };
}

async function walkPeople(table: Table, tenant: string, filter: PeopleFilter, at: At): Promise<People> {
  const counted = isCounted(filter);
  const [total, { people, matches }] = await Promise.all([
    counted ? countPeople(table, tenant, filter) : undefined,
    walk(table, tenant, filter, at, counted),
  ]);
  return { people, totalRecords: total ?? matches };
}

async function walk(table: Table, tenant: string, filter: PeopleFilter, at: At, counted: boolean) {
  // External Employees stand among the rows.
  const everyRow = counted && filter.employeesOnly !== true;
  const end = at.skip + at.size;
  const people: ListedPerson[] = [];
  let matches = 0;
  let startAfter: Record<string, unknown> | undefined;
  do {
    const page: Page<ListedPerson> = await queryPage(table, listedPerson, {
      IndexName: PEOPLE_INDEX,
      ...peopleOf(tenant, filter.active ?? true),
      ScanIndexForward: !at.descending,
      Limit: everyRow ? Math.min(end - matches, WALK_ROWS) : WALK_ROWS,
      startAfter,
    });
    for (const person of page.items) {
      if (!mayBePicked(person, filter)) continue;
      matches += 1;
      if (matches > at.skip && people.length < at.size) people.push(person);
    }
    startAfter = page.lastKey;
  } while (startAfter !== undefined && (!counted || matches < end));
  return { people, matches };
}

function peopleOf(tenant: string, active: boolean) {
  return {
    KeyConditionExpression: 'peoplePK = :people',
    ExpressionAttributeValues: { ':people': { S: peopleListPartition(tenant, active) } },
  };
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

/** The attributes of which distinct values are listed; each row holds the one that was asked for. */
const placement = v.pick(v.partial(listedPerson), ['department', 'jobTitle']);

/** What people of these states have in one text field; a walk over all of them. */
export async function heldTexts(
  table: Table,
  tenant: string,
  field: 'department' | 'jobTitle',
  states: readonly boolean[],
): Promise<{ readonly text: string; readonly active: boolean }[]> {
  const held = await Promise.all(
    states.map(async (active) =>
      (await textsOf(table, tenant, field, active)).map((text) => ({ text, active })),
    ),
  );
  return held.flat();
}

async function textsOf(
  table: Table,
  tenant: string,
  field: 'department' | 'jobTitle',
  active: boolean,
): Promise<string[]> {
  const texts: string[] = [];
  const query = {
    IndexName: PEOPLE_INDEX,
    ...peopleOf(tenant, active),
    ProjectionExpression: '#field',
    ExpressionAttributeNames: { '#field': field },
  };
  for await (const page of queryPages(table, placement, query)) {
    texts.push(...page.flatMap((row) => row[field] ?? []));
  }
  return texts;
}
