import { type Call, endpoint } from '../../shared/http/call.ts';
import { decodeCursor, encodeCursor } from '../../shared/http/cursor.ts';
import { listEmployees as route } from '../../shared/routes/employees.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { type EmployeeFilter, listEmployees, type PageAt } from '../../shared/store/employee-list.ts';
import { listSorted, SORTABLE_EMPLOYEES } from '../../shared/store/employee-sort.ts';
import type { Table } from '../../shared/store/table.ts';
import { employeeSummary } from './view.ts';

const DEFAULT_PAGE_SIZE = 50;

export const listEmployeesEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    const { actor, query } = call;
    const cursor = decodeCursor(query.Cursor, query.PageNumber);
    if (!cursor.ok) return cursor;
    const size = query.PageSize ?? DEFAULT_PAGE_SIZE;
    const at = { size, skip: ((query.PageNumber ?? 1) - 1) * size, cursor: cursor.value };
    const page = await pageOf(table, call, at);
    if (page === 'other_cursor') return wrong('Cursor is not a cursor of this list');
    if (page === 'too_many') {
      return wrong(`Sort is offered for up to ${SORTABLE_EMPLOYEES} employees; filter more, or sort by Name`);
    }
    return granted({
      result: page.employees.map((employee) => employeeSummary(actor.tenant, employee)),
      totalRecords: page.totalRecords,
      nextCursor: encodeCursor(page.nextCursor),
    });
  });

const wrong = (problem: string) => refused({ reason: 'invalid_fields', problems: [problem] });

function pageOf(table: Table, { actor, query }: Call<typeof route>, at: PageAt) {
  const { tenant } = actor.tenant;
  const { field, descending } = query.Sort ?? { field: 'Name', descending: false };
  const filter = filterOf(actor, query);
  return field === 'Name'
    ? listEmployees(table, tenant, filter, at, descending)
    : listSorted(table, tenant, filter, { field, descending }, at);
}

function filterOf(
  { tenant }: Call<typeof route>['actor'],
  query: Call<typeof route>['query'],
): EmployeeFilter {
  const apiAccess = query['Filter.HasApiAccess'];
  const granting = Object.values(tenant.roles).filter(
    (role) => role.active && (role.administrator || role.apiAccess),
  );
  return {
    userType: query['Filter.UserType'],
    active: query['Filter.IsActive'],
    text: query['Filter.Text'],
    roleId: query['Filter.RoleId'],
    department: query['Filter.Department'],
    apiAccess:
      apiAccess === undefined
        ? undefined
        : { wanted: apiAccess, roleIds: new Set(granting.map((role) => role.id)) },
  };
}
