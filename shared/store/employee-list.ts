import { compareKeys, nameHolds, nameKey } from '../rules/name-order.ts';
import { foldName } from '../rules/names.ts';
import { fullName, searchedNames } from '../rules/people.ts';
import { USER_TYPES, type UserType } from '../rules/user-types.ts';
import { listSort, readEmployees, readLicences } from './employees.ts';
import { type LicencesItem, type ListedEmployee, listedEmployee } from './items.ts';
import { BY_NAME_INDEX, employeeCounter, employeeListPartition, employeeListSort } from './keys.ts';
import { queryPage, type Table } from './table.ts';

export type EmployeeFilter = {
  readonly userType?: UserType | undefined;
  readonly active?: boolean | undefined;
  readonly ids?: readonly number[] | undefined;
  readonly excludedIds?: readonly number[] | undefined;
  /** Part of the full name. */
  readonly name?: string | undefined;
  /** Part of any text that the list shows. */
  readonly text?: string | undefined;
  readonly roleId?: number | undefined;
  readonly department?: string | undefined;
  /** Holders of one of these roles, or of none of them. */
  readonly apiAccess?: { readonly wanted: boolean; readonly roleIds: ReadonlySet<number> } | undefined;
};

export type EmployeePage = {
  readonly employees: readonly ListedEmployee[];
  readonly totalRecords: number;
  readonly next: Place | undefined;
};

/**
 * Where a page ends: what its last row is sorted by, as `nameKey` gives it, null where the row has none; and the
 * row's id. It means nothing in another tenant.
 */
export type Place = { readonly value: string | null; readonly id: number };
/** `after` goes on where a page ended; `skip` counts rows from the first. */
export type PageAt = { readonly size: number; readonly skip: number; readonly after: Place | undefined };

/** Rows asked of the index at a time while a filter, a sort or a page number makes it walk. */
const WALK_ROWS = 500;

/**
 * One page by name, either way round. By cursor and without a filter it reads that page alone, with the total
 * from the counters. Filters by type or state, and a page number, walk the index as far as the page; the others
 * have no counter, so they walk it to its end for the total.
 */
export async function listEmployees(
  table: Table,
  tenant: string,
  filter: EmployeeFilter,
  at: PageAt,
  descending = false,
): Promise<EmployeePage> {
  const [licences, walked] = await Promise.all([
    readLicences(table, tenant),
    walk(table, tenant, filter, at, descending),
  ]);
  const totalRecords = hasCounter(filter) ? employeeCount(licences, filter) : walked.matches;
  return { employees: walked.employees, totalRecords, next: walked.next };
}

/** Whether the counters tell how many fit. */
function hasCounter({ userType: _type, active: _state, excludedIds, ...others }: EmployeeFilter): boolean {
  return !excludedIds?.length && Object.values(others).every((filter) => filter === undefined);
}

async function walk(table: Table, tenant: string, filter: EmployeeFilter, at: PageAt, descending: boolean) {
  const matching = matcher(filter);
  const counted = hasCounter(filter);
  const plain = counted && filter.userType === undefined && filter.active === undefined;
  const employees: ListedEmployee[] = [];
  let matches = 0;
  let more = false;
  // What has no counter counts all of its matches, from the first, whatever page is asked for.
  const after = at.after && employeeListSort(at.after.value ?? '', at.after.id);
  const skipTo = counted ? undefined : after;
  const beginAfter = counted ? after : undefined;
  let startAfter: Record<string, unknown> | undefined;
  do {
    const limit = plain && at.skip === 0 ? at.size - employees.length : WALK_ROWS;
    const page = await readByName(table, tenant, { descending, limit, startAfter, beginAfter });
    for (const employee of page.items) {
      if (!matching(employee)) continue;
      matches += 1;
      if (skipTo !== undefined && !isAfter(listSort(employee), skipTo, descending)) continue;
      if (skipTo === undefined && matches <= at.skip) continue;
      if (employees.length < at.size) employees.push(employee);
      else more = true;
    }
    startAfter = page.lastKey;
  } while (startAfter !== undefined && (!counted || employees.length < at.size));
  const last = employees.at(-1);
  const unread = more || startAfter !== undefined;
  const next = last && unread ? { value: nameKey(fullName(last)), id: last.id } : undefined;
  return { employees, matches, next };
}

/** All that fit, in no order; undefined when they are more than `most`. Named ids are read themselves. */
export async function allEmployees(
  table: Table,
  tenant: string,
  filter: EmployeeFilter,
  most: number,
): Promise<ListedEmployee[] | undefined> {
  const matching = matcher(filter);
  if (filter.ids !== undefined) return (await readEmployees(table, tenant, filter.ids)).filter(matching);
  const employees: ListedEmployee[] = [];
  let startAfter: Record<string, unknown> | undefined;
  do {
    const page = await readByName(table, tenant, { descending: false, limit: WALK_ROWS, startAfter });
    employees.push(...page.items.filter(matching));
    if (employees.length > most) return undefined;
    startAfter = page.lastKey;
  } while (startAfter !== undefined);
  return employees;
}

function readByName(
  table: Table,
  tenant: string,
  at: {
    readonly descending: boolean;
    readonly limit: number;
    readonly startAfter: Record<string, unknown> | undefined;
    /** Sort key of a row that need not be there any more. */
    readonly beginAfter?: string | undefined;
  },
) {
  const { descending, beginAfter } = at;
  const list = { ':list': { S: employeeListPartition(tenant) } };
  return queryPage(table, listedEmployee, {
    IndexName: BY_NAME_INDEX,
    ...(beginAfter === undefined
      ? { KeyConditionExpression: 'listPK = :list', ExpressionAttributeValues: list }
      : {
          KeyConditionExpression: `listPK = :list AND listSK ${descending ? '<' : '>'} :after`,
          ExpressionAttributeValues: { ...list, ':after': { S: beginAfter } },
        }),
    ScanIndexForward: !descending,
    Limit: at.limit,
    startAfter: at.startAfter,
  });
}

/** In the order of the index. */
function isAfter(sortKey: string, other: string, descending: boolean): boolean {
  const order = compareKeys(sortKey, other);
  return descending ? order < 0 : order > 0;
}

function matcher(filter: EmployeeFilter): (employee: ListedEmployee) => boolean {
  const department = filter.department === undefined ? undefined : foldName(filter.department);
  const { userType, active, ids, excludedIds, name, text, roleId, apiAccess } = filter;
  return (employee) =>
    (ids === undefined || ids.includes(employee.id)) &&
    !excludedIds?.includes(employee.id) &&
    (userType === undefined || employee.userType === userType) &&
    (active === undefined || employee.active === active) &&
    (roleId === undefined || employee.roleIds.includes(roleId)) &&
    (department === undefined || foldName(employee.department ?? '') === department) &&
    (apiAccess === undefined ||
      employee.roleIds.some((id) => apiAccess.roleIds.has(id)) === apiAccess.wanted) &&
    nameHolds(searchedNames(employee), name) &&
    nameHolds(searchable(employee), text);
}

function searchable(employee: ListedEmployee): string {
  const { userName, emailAddress, employeeNumber, jobTitle, department, location } = employee;
  return [searchedNames(employee), userName, emailAddress, employeeNumber, jobTitle, department, location]
    .filter((part) => part !== undefined)
    .join('\n');
}

/** Employees of a tenant, all or of one type or state, from the counters. */
export function employeeCount(licences: LicencesItem, filter: EmployeeFilter = {}): number {
  const types = filter.userType ? [filter.userType] : USER_TYPES;
  const states = filter.active === undefined ? [true, false] : [filter.active];
  return types
    .flatMap((type) => states.map((active) => Number(licences[employeeCounter(type, active)] ?? 0)))
    .reduce((sum, count) => sum + count, 0);
}
