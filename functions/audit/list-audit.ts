import { endpoint } from '../../shared/http/call.ts';
import { cursorScope, encodeCursor } from '../../shared/http/cursor.ts';
import { listAudit as route } from '../../shared/routes/audit.ts';
import { granted } from '../../shared/rules/decision.ts';
import { readAudit } from '../../shared/store/audit-log.ts';
import type { Table } from '../../shared/store/table.ts';
import { cutToFit } from './cut-to-fit.ts';
import { auditRequest } from './request.ts';
import { auditText, auditView } from './view.ts';

const DEFAULT_PAGE_SIZE = 50;

/** Who did what, when, from where, and why it was refused (M17). */
export const listAuditEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, query, now }) => {
    const size = query.PageSize ?? DEFAULT_PAGE_SIZE;
    const scope = cursorScope(route.operationId, query);
    const request = auditRequest(actor.tenant, query, { size, scope }, now);
    if (!request.ok) return request;
    const { entries, next } = cutToFit(await readAudit(table, request.value), auditText);
    return granted({ result: entries.map(auditView), nextCursor: encodeCursor(scope, next) });
  });
