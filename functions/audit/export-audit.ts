import { endpoint } from '../../shared/http/call.ts';
import { cursorScope, encodeCursor } from '../../shared/http/cursor.ts';
import { exportAudit as route } from '../../shared/routes/audit.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { readAudit } from '../../shared/store/audit-log.ts';
import { auditSort } from '../../shared/store/keys.ts';
import type { Table } from '../../shared/store/table.ts';
import { CSV_HEADER, csvLine, jsonLine } from './lines.ts';
import { auditRequest } from './request.ts';
import { auditView } from './view.ts';

const MAX_DAYS = 92;
const DAY_MILLISECONDS = 86_400_000;
const DEFAULT_ROWS = 5000;
/** Lambda answers at most 6 MB. */
const MAX_BYTES = 4 * 1024 * 1024;

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
    const { entries, next } = await readAudit(table, request.value);
    const csv = query.Format === 'csv';
    // Each part opens alone, so each has its header.
    const lines = csv ? [CSV_HEADER] : [];
    let bytes = 0;
    let cut: string | undefined;
    for (const entry of entries) {
      const line = csv ? csvLine(auditView(entry)) : jsonLine(auditView(entry));
      bytes += Buffer.byteLength(line);
      if (bytes > MAX_BYTES) break;
      lines.push(line);
      cut = auditSort(entry.at, entry.id);
    }
    return granted({
      download: {
        type: csv ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8',
        fileName: `auditlog.${query.Format}`,
        body: lines.join(''),
        nextCursor: encodeCursor(scope, bytes > MAX_BYTES ? cut : next),
      },
    });
  });
