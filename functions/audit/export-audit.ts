import { endpoint } from '../../shared/http/call.ts';
import { cursorScope, encodeCursor } from '../../shared/http/cursor.ts';
import { exportAudit as route } from '../../shared/routes/audit.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { type AuditEntry, readAudit } from '../../shared/store/audit-log.ts';
import type { Table } from '../../shared/store/table.ts';
import { cutToFit } from './cut-to-fit.ts';
import { CSV_HEADER, csvLine, jsonLine } from './lines.ts';
import { auditRequest } from './request.ts';
import { auditView } from './view.ts';

const MAX_DAYS = 92;
const DAY_MILLISECONDS = 86_400_000;
const DEFAULT_ROWS = 5000;

export const exportAuditEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, query, now }) => {
    const until = query.To ?? now.toISOString();
    if (Date.parse(until) - Date.parse(query.From) > MAX_DAYS * DAY_MILLISECONDS) {
      return refused({
        reason: 'invalid_fields',
        problems: [`From must be at most ${MAX_DAYS} days before To`],
      });
    }
    const size = query.PageSize ?? DEFAULT_ROWS;
    const scope = cursorScope(route.operationId, query);
    const request = auditRequest(actor.tenant, query, { size, scope }, now);
    if (!request.ok) return request;
    const csv = query.Format === 'csv';
    const line = (entry: AuditEntry) => (csv ? csvLine(auditView(entry)) : jsonLine(auditView(entry)));
    const { entries, next } = cutToFit(await readAudit(table, request.value), line);
    // Each part opens alone, so each has its header.
    const lines = [...(csv ? [CSV_HEADER] : []), ...entries.map(line)];
    return granted({
      download: {
        type: csv ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8',
        fileName: `auditlog.${query.Format}`,
        body: lines.join(''),
        nextCursor: encodeCursor(scope, next),
      },
    });
  });
