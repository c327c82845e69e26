import { type Call, endpoint } from '../../shared/http/call.ts';
import { excluded, excludedIds } from '../../shared/http/page-of.ts';
import { listEmployees as route } from '../../shared/routes/employees.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { type EmployeeFilter, listEmployees, type PageAt } from '../../shared/store/employee-list.ts';
import { listSorted, type MemorySort, SORTABLE_EMPLOYEES } from '../../shared/store/employee-sort.ts';
import type { Table } from '../../shared/store/table.ts';
import { readPlace, writePlace } from './list-cursor.ts';
import { employeeSummary } from './view.ts';

const DEFAULT_PAGE_SIZE = 50;

export const listEmployeesEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    const { actor, query } = call;
    const order = query.Sort ?? { field: 'Name', descending: false };
    const after = readPlace(query, order);
    if (!after.ok) return after;
    const size = query.PageSize ?? DEFAULT_PAGE_SIZE;
    const at = { size, skip: ((query.PageNumber ?? 1) - 1) * size, after: after.value };
    const page = await pageOf(table, call, order, at);
    if (page === 'too_many') {
      const problem = `Sort is offered for up to ${SORTABLE_EMPLOYEES} employees; filter more, or sort by Name`;
      return refused({ reason: 'invalid_fields', problems: [problem] });
    }
    const rows = page.employees.map((employee) => employeeSummary(actor.tenant, employee));
    return granted({
      result: excluded(rows, query.Exclude),
      totalRecords: page.totalRecords,
      nextCursor: writePlace(query, page.next, order),
    });
  });

function pageOf(table: Table, { actor, query }: Call<typeof route>, order: MemorySort, at: PageAt) {
  const { tenant } = actor.tenant;
  const filter = filterOf(actor, query);
  return order.field === 'Name' && filter.ids === undefined
    ? listEmployees(table, tenant, filter, at, order.descending)
    : listSorted(table, tenant, filter, order, at);
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
    ids: query['Filter.Ids'],
    excludedIds: excludedIds(query.Exclude),
    name: query['Filter.Name'],
    text: query['Filter.Text'],
    roleId: query['Filter.RoleId'],
    department: query['Filter.Department'],
    apiAccess:
      apiAccess === undefined
        ? undefined
        : { wanted: apiAccess, roleIds: new Set(granting.map((role) => role.id)) },
  };
}
