import { endpoint } from '../../shared/http/call.ts';
import { cursorScope, encodeCursor } from '../../shared/http/cursor.ts';
import { listEmployeeAudit as route } from '../../shared/routes/audit.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { readAudit } from '../../shared/store/audit-log.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import type { Table } from '../../shared/store/table.ts';
import { cutToFit } from './cut-to-fit.ts';
import { auditRequest } from './request.ts';
import { auditText, auditView } from './view.ts';

const DEFAULT_PAGE_SIZE = 50;

/** Of a deleted employee the audit still tells; of an id that never was there is nothing to tell. */
export const listEmployeeAuditEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, params, query, now }) => {
    const scope = cursorScope(route.operationId, { ...query, ...params });
    const page = { size: query.PageSize ?? DEFAULT_PAGE_SIZE, employeeId: params.id, scope };
    const request = auditRequest(actor.tenant, query, page, now);
    if (!request.ok) return request;
    const [employee, read] = await Promise.all([
      readEmployee(table, actor.tenant.tenant, params.id),
      readAudit(table, request.value),
    ]);
    const { entries, next } = cutToFit(read, auditText);
    if (employee === undefined && entries.length === 0) return refused({ reason: 'employee_unknown' });
    return granted({ result: entries.map(auditView), nextCursor: encodeCursor(scope, next) });
  });
