import type { AuditView } from './view.ts';

const COLUMNS: readonly (readonly [string, (row: AuditView) => string | number | null])[] = [
  ['at', (row) => row.at],
  ['action', (row) => row.action],
  ['outcome', (row) => row.outcome],
  ['reason', (row) => row.reason],
  ['actorKind', (row) => row.actor.kind],
  ['actorId', (row) => row.actor.id],
  ['actorUserType', (row) => row.actor.userType],
  ['employeeId', (row) => row.employeeId],
  ['subjectKind', (row) => row.subject?.kind ?? null],
  ['subjectId', (row) => row.subject?.id ?? null],
  ['sourceAddress', (row) => row.sourceAddress],
  ['userAgent', (row) => row.userAgent],
  ['correlationId', (row) => row.correlationId],
  ['count', (row) => row.count],
  ['changes', (row) => JSON.stringify(row.changes)],
  ['details', (row) => JSON.stringify(row.details)],
  ['id', (row) => row.id],
];

/** RFC 4180. */
const LINE_END = '\r\n';

export const CSV_HEADER = COLUMNS.map(([name]) => name).join(',') + LINE_END;

export function csvLine(row: AuditView): string {
  return COLUMNS.map(([, value]) => csvCell(value(row))).join(',') + LINE_END;
}

export function jsonLine(row: AuditView): string {
  return `${JSON.stringify(row)}\n`;
}

/**
 * A user agent is the caller's own words: what a spreadsheet would run is made text (S13, OWASP), at the start of a cell
 * and after what some take for the end of one. Where the decimal comma rules they part at semicolons, and heed no
 * quotation mark within a cell.
 */
const RUNS = /^(?=[=+\-@＝＋－＠\t\r])|(?<=[;\t\r\n])(?=[" ]*[=+\-@＝＋－＠])/g;

export function csvCell(value: string | number | null): string {
  const text = value === null ? '' : String(value);
  const inert = text.replace(RUNS, "'");
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
