import { compareKeys, nameKey } from '../rules/name-order.ts';
import { fullName } from '../rules/people.ts';
import {
  allEmployees,
  type EmployeeFilter,
  type EmployeePage,
  type PageAt,
  type Place,
} from './employee-list.ts';
import type { ListedEmployee } from './items.ts';
import type { Table } from './table.ts';

/** No index has these orders, nor named ids in any: the list is sorted in memory, as far as that is cheap. */
export const SORTABLE_EMPLOYEES = 20_000;

const VALUES = {
  Name: fullName,
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

/** One page in an order that no index has; it goes on right though employees come and go. */
export async function listSorted(
  table: Table,
  tenant: string,
  filter: EmployeeFilter,
  sort: MemorySort,
  at: PageAt,
): Promise<EmployeePage | 'too_many'> {
  const employees = await allEmployees(table, tenant, filter, SORTABLE_EMPLOYEES);
  if (employees === undefined) return 'too_many';
  const compare = comparer(sort);
  const rows = employees.map((employee) => rowOf(employee, sort)).sort(compare);
  const start = at.after === undefined ? at.skip : firstAfter(rows, at.after, compare);
  const page = rows.slice(start, start + at.size);
  const end = page.at(-1);
  return {
    employees: page.map((row) => row.employee),
    totalRecords: rows.length,
    next: end && start + at.size < rows.length ? { value: end.value, id: end.id } : undefined,
  };
}

type Row = Place & { readonly employee: ListedEmployee };

function rowOf(employee: ListedEmployee, { field }: MemorySort): Row {
  const value = VALUES[field](employee);
  return { employee, id: employee.id, value: value === undefined ? null : nameKey(value) };
}

/** Those without a value come last either way round. */
function comparer({ descending }: MemorySort): (a: Place, b: Place) => number {
  const turn = descending ? -1 : 1;
  return (a, b) => {
    if (a.value === b.value) return turn * (a.id - b.id);
    if (a.value === null || b.value === null) return a.value === null ? 1 : -1;
    return turn * compareKeys(a.value, b.value);
  };
}

function firstAfter(rows: readonly Row[], last: Place, compare: (a: Place, b: Place) => number): number {
  const found = rows.findIndex((row) => compare(row, last) > 0);
  return found === -1 ? rows.length : found;
}
