import { foldName } from '../rules/names.ts';
import { USER_TYPES, type UserType } from '../rules/user-types.ts';
import { readLicences } from './employees.ts';
import { type LicencesItem, type ListedEmployee, listedEmployee } from './items.ts';
import {
  BY_NAME_INDEX,
  employeeCounter,
  employeeKey,
  employeeListPartition,
  employeeListSort,
} from './keys.ts';
import { queryPage, type Table } from './table.ts';

export type EmployeeFilter = {
  readonly userType?: UserType | undefined;
  readonly active?: boolean | undefined;
  readonly text?: string | undefined;
  readonly roleId?: number | undefined;
  readonly department?: string | undefined;
  /** Holders of one of these roles, or of none of them. */
  readonly apiAccess?: { readonly wanted: boolean; readonly roleIds: ReadonlySet<number> } | undefined;
};

export type EmployeePage = {
  readonly employees: readonly ListedEmployee[];
  readonly totalRecords: number;
  readonly nextCursor: string | undefined;
};

export type PageAt = { readonly size: number; readonly skip: number; readonly cursor: string | undefined };

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
  return { employees: walked.employees, totalRecords, nextCursor: walked.nextCursor };
}

/** Whether the counters tell how many fit. */
function hasCounter({ text, roleId, department, apiAccess }: EmployeeFilter): boolean {
  return text === undefined && roleId === undefined && department === undefined && apiAccess === undefined;
}

async function walk(table: Table, tenant: string, filter: EmployeeFilter, at: PageAt, descending: boolean) {
  const matching = matcher(filter);
  const counted = hasCounter(filter);
  const plain = counted && filter.userType === undefined && filter.active === undefined;
  const employees: ListedEmployee[] = [];
  let matches = 0;
  let more = false;
  // What has no counter counts all of its matches, from the first, whatever page is asked for.
  const skipTo = counted ? undefined : at.cursor;
  let startAfter = counted && at.cursor ? startKey(tenant, at.cursor) : undefined;
  do {
    const limit = plain && at.skip === 0 ? at.size - employees.length : WALK_ROWS;
    const page = await readByName(table, tenant, { descending, limit, startAfter });
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
  return { employees, matches, nextCursor: last && unread ? listSort(last) : undefined };
}

/** All that fit, by name; undefined when they are more than `most`. */
export async function allEmployees(
  table: Table,
  tenant: string,
  filter: EmployeeFilter,
  most: number,
): Promise<ListedEmployee[] | undefined> {
  const matching = matcher(filter);
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
  },
) {
  return queryPage(table, listedEmployee, {
    IndexName: BY_NAME_INDEX,
    KeyConditionExpression: 'listPK = :list',
    ExpressionAttributeValues: { ':list': { S: employeeListPartition(tenant) } },
    ScanIndexForward: !at.descending,
    Limit: at.limit,
    startAfter: at.startAfter,
  });
}

/** In the order of the index, which is that of UTF-8. */
function isAfter(sortKey: string, other: string, descending: boolean): boolean {
  const order = Buffer.compare(Buffer.from(sortKey), Buffer.from(other));
  return descending ? order < 0 : order > 0;
}

/** The cursor is the sort key, which ends in the employee's id: it means nothing in another tenant. */
function startKey(tenant: string, cursor: string): Record<string, unknown> {
  const id = Number(cursor.slice(cursor.lastIndexOf('#') + 1));
  return { ...employeeKey(tenant, id), listPK: employeeListPartition(tenant), listSK: cursor };
}

function matcher(filter: EmployeeFilter): (employee: ListedEmployee) => boolean {
  const wanted = filter.text === undefined ? undefined : foldName(filter.text);
  const department = filter.department === undefined ? undefined : foldName(filter.department);
  const { userType, active, roleId, apiAccess } = filter;
  return (employee) =>
    (userType === undefined || employee.userType === userType) &&
    (active === undefined || employee.active === active) &&
    (roleId === undefined || employee.roleIds.includes(roleId)) &&
    (department === undefined || foldName(employee.department ?? '') === department) &&
    (apiAccess === undefined ||
      employee.roleIds.some((id) => apiAccess.roleIds.has(id)) === apiAccess.wanted) &&
    (wanted === undefined || searchable(employee).includes(wanted));
}

function searchable(employee: ListedEmployee): string {
  const { userName, firstName, lastName, emailAddress, employeeNumber, jobTitle, department, location } =
    employee;
  return foldName(
    [`${firstName} ${lastName}`, userName, emailAddress, employeeNumber, jobTitle, department, location]
      .filter((part) => part !== undefined)
      .join('\n'),
  );
}

/** Employees of a tenant, all or of one type or state, from the counters. */
export function employeeCount(licences: LicencesItem, filter: EmployeeFilter = {}): number {
  const types = filter.userType ? [filter.userType] : USER_TYPES;
  const states = filter.active === undefined ? [true, false] : [filter.active];
  return types
    .flatMap((type) => states.map((active) => Number(licences[employeeCounter(type, active)] ?? 0)))
    .reduce((sum, count) => sum + count, 0);
}

function listSort(employee: ListedEmployee): string {
  return employeeListSort(foldName(`${employee.firstName} ${employee.lastName}`), employee.id);
}
