import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../shared/clock.ts';
import type { Refusal } from '../../shared/refusal.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import type { AuditRecord } from '../../shared/store/audit.ts';
import { readLicences } from '../../shared/store/employees.ts';
import type { ImportItem } from '../../shared/store/imports.ts';
import { type ImportRow, nextRows, readImport, writeRows } from '../../shared/store/imports.ts';
import type { TenantItem } from '../../shared/store/items.ts';
import { StoreBusyError, type Table } from '../../shared/store/table.ts';

/** A call ends well before the function's own limit; the rest is for the next call. */
const RUN_MILLISECONDS = 18_000;
/** Set-up mails leave no faster than this: a young SES account sends 14 a second, and others need some. */
const MAILS_A_SECOND = 10;
/** Tries of one transaction whose conditions changed under it. */
const ROUNDS = 8;

type WriteRefusal = Extract<Refusal, { reason: 'import_stopped' | 'changed_meanwhile' }>;

/**
 * Writes the rows that are not yet, in the order of the file, as far as the time allows. Each transaction moves
 * the import's progress on condition that nobody else did: two calls at once help each other, no row comes twice.
 */
export async function writeImport(
  table: Table,
  company: Pick<TenantItem, 'tenant' | 'createdOn'>,
  started: ImportItem,
  /** All rows of the file; those before `done` are not looked at. */
  rows: ReadonlyMap<number, ImportRow>,
  audit: Pick<AuditRecord, 'actor' | 'origin'>,
): Promise<Decision<ImportItem, WriteRefusal>> {
  const deadline = Date.now() + RUN_MILLISECONDS;
  let current = started;
  let failures = 0;
  while (current.done < current.rows && Date.now() < deadline) {
    const left = Array.from({ length: Math.min(40, current.rows - current.done) }, (_, at) =>
      rows.get(current.done + at),
    ).filter((row) => row !== undefined);
    const group = nextRows(left, MAILS_A_SECOND);
    if (group.length === 0) throw new Error('A checked row fits a transaction');
    const begunAt = Date.now();
    const licences = await readLicences(table, current.tenant);
    const [conflict] = await writeRows(table, current, group, { licences, now: systemClock(), audit });
    if (conflict === undefined) {
      failures = 0;
      current = { ...current, done: current.done + group.length };
      await paced(group, begunAt);
      continue;
    }
    failures += 1;
    if (failures === ROUNDS) throw new StoreBusyError('The import kept conflicting');
    const problem = problemOf(conflict, group, licences);
    if (problem === 'changed_meanwhile') return refused({ reason: problem });
    if (problem)
      return refused({ reason: 'import_stopped', done: current.done, rows: current.rows, problem });
    current = (await readImport(table, company, current.id)) ?? current;
  }
  return granted(current);
}

/** What ends the run; undefined for what another try mends. */
function problemOf(
  conflict: string,
  group: readonly ImportRow[],
  { total, used }: { readonly total: number; readonly used: number },
): string | undefined {
  if (conflict === 'changed_meanwhile') return conflict;
  if (conflict === 'licences_changed') {
    const needed = group.reduce((sum, { effects }) => sum + effects.licences, 0);
    return used + needed > total
      ? `all but ${Math.max(0, total - used)} of the ${total} licences are in use`
      : undefined;
  }
  const [kind, row] = conflict.split(':');
  return kind === 'user_name_taken' ? `the user name of row ${row} was taken meanwhile` : undefined;
}

async function paced(group: readonly ImportRow[], begunAt: number): Promise<void> {
  const mails = group.filter(({ mailed }) => mailed).length;
  const wait = (mails / MAILS_A_SECOND) * 1000 - (Date.now() - begunAt);
  if (wait > 0) await sleep(wait);
}
