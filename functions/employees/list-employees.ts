import { endpoint } from '../../shared/http/call.ts';
import { decodeCursor, encodeCursor } from '../../shared/http/cursor.ts';
import { listEmployees as route } from '../../shared/routes/employees.ts';
import { granted } from '../../shared/rules/decision.ts';
import { listEmployees } from '../../shared/store/employee-list.ts';
import type { Table } from '../../shared/store/table.ts';
import { employeeSummary } from './view.ts';

const DEFAULT_PAGE_SIZE = 50;

export const listEmployeesEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, query }) => {
    const cursor = decodeCursor(query.Cursor, query.PageNumber);
    if (!cursor.ok) return cursor;
    const size = query.PageSize ?? DEFAULT_PAGE_SIZE;
    const filter = {
      userType: query['Filter.UserType'],
      active: query['Filter.IsActive'],
      text: query['Filter.Text'],
    };
    const page = await listEmployees(table, actor.tenant.tenant, filter, {
      size,
      skip: ((query.PageNumber ?? 1) - 1) * size,
      cursor: cursor.value,
    });
    return granted({
      result: page.employees.map((employee) => employeeSummary(actor.tenant, employee)),
      totalRecords: page.totalRecords,
      nextCursor: encodeCursor(page.nextCursor),
    });
  });
