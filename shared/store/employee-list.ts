import { foldName } from '../rules/names.ts';
import { USER_TYPES, type UserType } from '../rules/user-types.ts';
import { readLicences } from './employees.ts';
import { type EmployeeItem, employeeItem, type LicencesItem } from './items.ts';
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
};

type EmployeePage = {
  readonly employees: readonly EmployeeItem[];
  readonly totalRecords: number;
  readonly nextCursor: string | undefined;
};

/** Rows asked of the index at a time while a filter or a page number makes it walk. */
const WALK_ROWS = 500;

/**
 * One page by name. Without a filter and by cursor it reads that page alone, with the total from the counters;
 * a text filter or a page number walks the index, and a text filter walks it to its end for the total.
 */
export async function listEmployees(
  table: Table,
  tenant: string,
  filter: EmployeeFilter,
  at: { readonly size: number; readonly skip: number; readonly cursor: string | undefined },
): Promise<EmployeePage> {
  const [licences, walked] = await Promise.all([
    readLicences(table, tenant),
    walk(table, tenant, filter, at),
  ]);
  const totalRecords = filter.text === undefined ? employeeCount(licences, filter) : walked.matches;
  return { employees: walked.employees, totalRecords, nextCursor: walked.nextCursor };
}

async function walk(
  table: Table,
  tenant: string,
  filter: EmployeeFilter,
  at: { readonly size: number; readonly skip: number; readonly cursor: string | undefined },
) {
  const matching = matcher(filter);
  const plain = filter.userType === undefined && filter.active === undefined && filter.text === undefined;
  const employees: EmployeeItem[] = [];
  let matches = 0;
  let more = false;
  // A search counts all of its matches, from the first, whatever page is asked for.
  const skipTo = filter.text === undefined ? undefined : at.cursor;
  let startAfter = filter.text === undefined && at.cursor ? startKey(tenant, at.cursor) : undefined;
  do {
    const page = await queryPage(table, employeeItem, {
      IndexName: BY_NAME_INDEX,
      KeyConditionExpression: 'listPK = :list',
      ExpressionAttributeValues: { ':list': { S: employeeListPartition(tenant) } },
      Limit: plain && at.skip === 0 ? at.size - employees.length : WALK_ROWS,
      startAfter,
    });
    for (const employee of page.items) {
      if (!matching(employee)) continue;
      matches += 1;
      if (skipTo !== undefined && listSort(employee) <= skipTo) continue;
      if (skipTo === undefined && matches <= at.skip) continue;
      if (employees.length < at.size) employees.push(employee);
      else more = true;
    }
    startAfter = page.lastKey;
  } while (startAfter !== undefined && (filter.text !== undefined || employees.length < at.size));
  const last = employees.at(-1);
  const unread = more || startAfter !== undefined;
  return { employees, matches, nextCursor: last && unread ? listSort(last) : undefined };
}

/** The cursor is the sort key, which ends in the employee's id: it means nothing in another tenant. */
function startKey(tenant: string, cursor: string): Record<string, unknown> {
  const id = Number(cursor.slice(cursor.lastIndexOf('#') + 1));
  return { ...employeeKey(tenant, id), listPK: employeeListPartition(tenant), listSK: cursor };
}

function matcher(filter: EmployeeFilter): (employee: EmployeeItem) => boolean {
  const wanted = filter.text === undefined ? undefined : foldName(filter.text);
  return (employee) =>
    (filter.userType === undefined || employee.userType === filter.userType) &&
    (filter.active === undefined || employee.active === filter.active) &&
    (wanted === undefined || searchable(employee).includes(wanted));
}

function searchable(employee: EmployeeItem): string {
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

function listSort(employee: EmployeeItem): string {
  return employeeListSort(foldName(`${employee.firstName} ${employee.lastName}`), employee.id);
}
