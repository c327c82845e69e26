import { foldName } from '../rules/names.ts';
import { allEmployees, type EmployeeFilter, type EmployeePage, type PageAt } from './employee-list.ts';
import type { ListedEmployee } from './items.ts';
import type { Table } from './table.ts';

/** No index has these orders: the list is sorted in memory, as far as that is cheap. */
export const SORTABLE_EMPLOYEES = 20_000;

const VALUES = {
  UserName: (employee) => employee.userName,
  FirstName: (employee) => employee.firstName,
  LastName: (employee) => employee.lastName,
  EmailAddress: (employee) => employee.emailAddress,
  EmployeeNumber: (employee) => employee.employeeNumber,
  UserType: (employee) => employee.userType,
  JobTitle: (employee) => employee.jobTitle,
  Department: (employee) => employee.department,
  Location: (employee) => employee.location,
  IsActive: (employee) => (employee.active ? 'true' : 'false'),
  CreatedOn: (employee) => employee.createdOn,
  ModifiedOn: (employee) => employee.modifiedOn,
} as const satisfies Record<string, (employee: ListedEmployee) => string | undefined>;

export type MemorySort = { readonly field: keyof typeof VALUES; readonly descending: boolean };

/**
 * One page in an order that no index has. A cursor names the order and the last row, so that it goes on right
 * though employees come and go; `undefined` says that it is of another list.
 */
export async function listSorted(
  table: Table,
  tenant: string,
  filter: EmployeeFilter,
  sort: MemorySort,
  at: PageAt,
): Promise<EmployeePage | 'too_many' | 'other_cursor'> {
  const last = at.cursor === undefined ? undefined : readCursor(at.cursor, sort);
  if (at.cursor !== undefined && last === undefined) return 'other_cursor';
  const employees = await allEmployees(table, tenant, filter, SORTABLE_EMPLOYEES);
  if (employees === undefined) return 'too_many';
  const compare = comparer(sort);
  const rows = employees.map((employee) => rowOf(employee, sort)).sort(compare);
  const start = last === undefined ? at.skip : firstAfter(rows, last, compare);
  const page = rows.slice(start, start + at.size);
  const end = page.at(-1);
  return {
    employees: page.map((row) => row.employee),
    totalRecords: rows.length,
    nextCursor: end !== undefined && start + at.size < rows.length ? writeCursor(end, sort) : undefined,
  };
}

/** `value` is folded, null when the employee has none: those come last either way round. */
type Position = { readonly value: string | null; readonly id: number };
type Row = Position & { readonly employee: ListedEmployee };

function rowOf(employee: ListedEmployee, { field }: MemorySort): Row {
  const value = VALUES[field](employee);
  return { employee, id: employee.id, value: value === undefined ? null : foldName(value) };
}

function comparer({ descending }: MemorySort): (a: Position, b: Position) => number {
  const turn = descending ? -1 : 1;
  return (a, b) => {
    if (a.value === b.value) return turn * (a.id - b.id);
    if (a.value === null || b.value === null) return a.value === null ? 1 : -1;
    return a.value < b.value ? -turn : turn;
  };
}

function firstAfter(
  rows: readonly Row[],
  last: Position,
  compare: (a: Position, b: Position) => number,
): number {
  const found = rows.findIndex((row) => compare(row, last) > 0);
  return found === -1 ? rows.length : found;
}

const label = ({ field, descending }: MemorySort) => `${descending ? '-' : ''}${field}`;

function writeCursor({ value, id }: Position, sort: MemorySort): string {
  return JSON.stringify([label(sort), value, id]);
}

function readCursor(cursor: string, sort: MemorySort): Position | undefined {
  if (!cursor.startsWith('["')) return undefined;
  try {
    const [name, value, id] = JSON.parse(cursor) as unknown[];
    const known = name === label(sort) && (value === null || typeof value === 'string');
    return known && typeof id === 'number' ? { value, id } : undefined;
  } catch {
    return undefined;
  }
}
