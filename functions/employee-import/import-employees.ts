import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { newId, sha256 } from '../../shared/ids.ts';
import { importEmployees as route } from '../../shared/routes/employee-import.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { foldName } from '../../shared/rules/names.ts';
import { employeeActor } from '../../shared/store/audit.ts';
import { readLicences } from '../../shared/store/employees.ts';
import { beginImport, readImport, takenNames } from '../../shared/store/imports.ts';
import type { Table } from '../../shared/store/table.ts';
import { type BadRow, checkRows } from './check-rows.ts';
import { type CsvRow, readCsv } from './read-csv.ts';
import { dryRunView, importView } from './view.ts';
import { writeImport } from './write-import.ts';

/** Checks every row before the first is written; then writes as many as fit in the call. */
export const importEmployeesEndpoint = (table: Table) =>
  endpoint(route, async (call): Promise<Outcome<typeof route>> => {
    const { actor, query, origin, now } = call;
    const csv = readCsv(call.body.csv);
    if (!csv.ok) return csv;
    const id = query.ImportId ?? newId();
    const sendInstructions = query.SendInstructions ?? false;
    const fileHash = sha256(`${sendInstructions}\n${call.body.csv}`);
    const { tenant } = actor.tenant;
    let begun = query.ImportId === undefined ? undefined : await readImport(table, actor.tenant, id);
    if (begun && begun.fileHash !== fileHash) return refused({ reason: 'import_differs' });
    let report = await check(table, call, csv.value, begun?.done ?? 0);
    for (let round = 1; round < CHECK_ROUNDS && isBad(report); round += 1) {
      // Another call may be writing the same import: the names of its rows are not taken by somebody else.
      const latest = await readImport(table, actor.tenant, id);
      if (latest === undefined || latest.fileHash !== fileHash || latest.done === (begun?.done ?? 0)) break;
      begun = latest;
      report = await check(table, call, csv.value, begun.done);
    }
    if (query.DryRun) return granted({ result: dryRunView(csv.value.length, report) });
    if (isBad(report)) {
      return refused({ reason: 'import_invalid', problems: report.problems, badRows: report.badRows });
    }
    const audit = {
      actor: employeeActor(actor.employee),
      origin,
    } as const;
    const rows = csv.value.length;
    if (begun === undefined) {
      await beginImport(
        table,
        actor.tenant,
        { id, fileHash, rows },
        {
          ...audit,
          tenant,
          at: now,
          action: 'employee.import',
          outcome: 'done',
          subject: { kind: 'import', id },
          details: { importId: id, rows },
        },
      );
    }
    const current = begun ?? (await readImport(table, actor.tenant, id));
    // Where another call began it at the same moment, this one helps.
    if (current === undefined) throw new Error('An import that was begun is there');
    if (current.fileHash !== fileHash) return refused({ reason: 'import_differs' });
    const written = await writeImport(table, actor.tenant, current, report.rows, audit);
    return written.ok ? granted({ result: importView(written.value) }) : written;
  });

type Report = {
  readonly licencesNeeded: number;
  readonly problems: readonly string[];
  readonly badRows: readonly BadRow[];
  /** By their place in the file, from 0. */
  readonly rows: ReadonlyMap<number, ReturnType<typeof checkRows>['rows'][number]>;
};

const CHECK_ROUNDS = 6;
const isBad = ({ problems, badRows }: Report) => problems.length + badRows.length > 0;

/** The rows from `done` on: those before are written, so their names are taken by themselves. */
async function check(
  table: Table,
  { actor, query }: Call<typeof route>,
  csv: readonly CsvRow[],
  done: number,
): Promise<Report> {
  const left = csv.slice(done);
  const checked = checkRows(left, { actor, sendInstructions: query.SendInstructions ?? false });
  const { tenant } = actor.tenant;
  const [taken, licences] = await Promise.all([
    takenNames(table, tenant, left.map(({ cells }) => cells.userName ?? '').filter(usable)),
    readLicences(table, tenant),
  ]);
  const problemsOf = new Map(checked.badRows.map(({ row, problems }) => [row, [...problems]]));
  for (const { row, cells } of left) {
    if (!taken.has(foldName(cells.userName ?? ''))) continue;
    problemsOf.set(row, [...(problemsOf.get(row) ?? []), 'userName is taken']);
  }
  const licencesNeeded = checked.rows.reduce((sum, { effects }) => sum + effects.licences, 0);
  const free = Math.max(0, licences.total - licences.used);
  const placeOf = new Map(csv.map(({ row }, place) => [row, place]));
  return {
    licencesNeeded,
    problems: licencesNeeded > free ? [`the file needs ${licencesNeeded} licences; ${free} are free`] : [],
    badRows: [...problemsOf].map(([row, problems]) => ({ row, problems })).sort((a, b) => a.row - b.row),
    rows: new Map(checked.rows.map((row) => [placeOf.get(row.row) ?? -1, row])),
  };
}

const usable = (name: string) => name.trim() !== '' && name.isWellFormed();
