import { CsvError, parse } from 'csv-parse/sync';
import { IMPORT_MAX_ROWS } from '../../shared/routes/employee-import.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';

/** Columns, by the names of the API's fields; `securityRoles` holds names or ids, parted by `;` or `|`. */
const COLUMNS = [
  'userName',
  'userType',
  'firstName',
  'lastName',
  'emailAddress',
  'employeeNumber',
  'jobTitle',
  'department',
  'location',
  'timeZone',
  'notes',
  'isActive',
  'isSso',
  'securityRoles',
] as const;
type Column = (typeof COLUMNS)[number];
const REQUIRED: readonly Column[] = ['userName', 'userType', 'firstName', 'lastName'];

/** A row of the file: its number as a spreadsheet counts, its filled cells, and what is wrong with its form. */
export type CsvRow = {
  readonly row: number;
  readonly cells: Readonly<Partial<Record<Column, string>>>;
  readonly problems: readonly string[];
};

type CsvRefusal =
  | { readonly reason: 'invalid_fields'; readonly problems: readonly string[] }
  | { readonly reason: 'malformed_body'; readonly problem: string };

/** RFC 4180, with or without a byte order mark; parted by semicolons or tabs where the header is. */
export function readCsv(text: string): Decision<readonly CsvRow[], CsvRefusal> {
  const separator = separatorOf(text);
  if (separator === FOREIGN_SEPARATOR) {
    const problem =
      'the separator of the columns must be a comma, a semicolon or a tab; a vertical bar was found';
    return refused({ reason: 'invalid_fields', problems: [problem] });
  }
  const records = parsed(text, separator);
  if (!records.ok) return records;
  if (records.value.length > RECORDS_MAX) {
    const problem = `the file holds more than ${RECORDS_MAX} rows; at most ${IMPORT_MAX_ROWS} are imported at once`;
    return refused({ reason: 'invalid_fields', problems: [problem] });
  }
  const [header = [], ...rest] = records.value;
  const columns = header.map(columnOf);
  const problems = headerProblems(header, columns);
  if (problems.length > 0) return refused({ reason: 'invalid_fields', problems });
  const rows = rest.flatMap((record, index) =>
    record.every((cell) => cell.trim() === '') ? [] : [rowOf(record, columns, index + 2)],
  );
  if (rows.length === 0) return refused({ reason: 'invalid_fields', problems: ['the file holds no rows'] });
  return rows.length <= IMPORT_MAX_ROWS
    ? granted(rows)
    : refused({
        reason: 'invalid_fields',
        problems: [`the file holds ${rows.length} rows; at most ${IMPORT_MAX_ROWS} are imported at once`],
      });
}

/** Empty ones among them, of which spreadsheets leave many: a line that is short takes the parser 25 µs. */
const RECORDS_MAX = 50_000;

const FOREIGN_SEPARATOR = '|';
/** What spreadsheets save as CSV, and as text; and one that others use, to say that it is none of these. */
const SEPARATORS = [',', ';', '\t', FOREIGN_SEPARATOR] as const;
/** Enough of a header to tell, however long the first line of a hostile file is. */
const HEADER_LOOK_CHARACTERS = 1000;

/** The one that parts the header into most of the known columns; where none makes any, into most columns at all. */
function separatorOf(text: string): string {
  const header = text
    .slice(0, Math.min(text.search(/[\r\n]|$/), HEADER_LOOK_CHARACTERS))
    .replace('\uFEFF', '');
  const [best] = SEPARATORS.map((separator) => {
    const columns = header.replaceAll('"', '').split(separator);
    return { separator, known: columns.filter(columnOf).length, columns: columns.length };
  }).sort((a, b) => b.known - a.known || b.columns - a.columns);
  return best?.separator ?? ',';
}

function parsed(text: string, delimiter: string): Decision<string[][], CsvRefusal> {
  try {
    return granted(parse(text, { bom: true, delimiter, relax_column_count: true, to: RECORDS_MAX + 1 }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The library's own sentences quote the file.
    const line = typeof error.lines === 'number' ? `, near line ${error.lines}` : '';
    return refused({ reason: 'malformed_body', problem: `it is not CSV as of RFC 4180${line}` });
  }
}

function columnOf(name: string): Column | undefined {
  const wanted = name.replace(/[\s_-]/g, '').toLowerCase();
  return COLUMNS.find((column) => column.toLowerCase() === wanted);
}

function headerProblems(header: readonly string[], columns: readonly (Column | undefined)[]): string[] {
  const doubled = columns.filter((column, at) => column !== undefined && columns.indexOf(column) !== at);
  const unknown = header.filter((_, at) => columns[at] === undefined);
  return [
    ...REQUIRED.filter((column) => !columns.includes(column)).map(
      (column) => `the column ${column} is missing`,
    ),
    ...doubled.map((column) => `the column ${column} is given more than once`),
    ...(unknown.length > 0
      ? [
          `${unknown.length === 1 ? '1 column is' : `${unknown.length} columns are`} not known (${unknown.map(shown).join(', ')}); there are ${COLUMNS.join(', ')}`,
        ]
      : []),
  ];
}

const shown = (name: string) => name.replace(/[^\p{L}\p{N}_. -]/gu, '?').slice(0, 32) || 'without a name';

function rowOf(record: readonly string[], columns: readonly (Column | undefined)[], row: number): CsvRow {
  const cells: Partial<Record<Column, string>> = {};
  for (const [at, column] of columns.entries()) {
    const cell = record[at];
    if (column !== undefined && cell !== undefined && cell.trim() !== '') cells[column] = cell;
  }
  const problems =
    record.length > columns.length ? [`has ${record.length} cells; the header has ${columns.length}`] : [];
  return { row, cells, problems };
}
