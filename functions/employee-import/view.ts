import type { ImportItem } from '../../shared/store/imports.ts';
import type { BadRow } from './check-rows.ts';

export function importView({ id, rows, done }: ImportItem) {
  return { importId: id, state: done < rows ? 'unfinished' : 'finished', rows, done };
}

export function dryRunView(
  rows: number,
  report: {
    readonly licencesNeeded: number;
    readonly problems: readonly string[];
    readonly badRows: readonly BadRow[];
  },
) {
  const { licencesNeeded, problems } = report;
  const valid = problems.length + report.badRows.length === 0;
  const badRows = thatFit(report.badRows);
  const left = report.badRows.length - badRows.length;
  const more = left === 0 ? [] : [`wrong rows that are not listed: ${left}`];
  return { state: 'checked', rows, valid, licencesNeeded, problems: [...problems, ...more], badRows };
}

/** Lambda answers at most 6 MB, in which the quotation marks of the rows are escaped. */
const LISTED_BYTES = 4 * 1024 * 1024;

function thatFit(badRows: readonly BadRow[]): readonly BadRow[] {
  let bytes = 0;
  const end = badRows.findIndex((row) => {
    bytes += Buffer.byteLength(JSON.stringify(row));
    return bytes > LISTED_BYTES;
  });
  return end < 0 ? badRows : badRows.slice(0, end);
}
