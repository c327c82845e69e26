/**
 * The engine keeps its tables in SQLite, with few indexes: it numbers each record of a stream by reading all there are,
 * reads all of them again for a reader of the stream, and sorts the whole table for each page of a scan. A stack that
 * has been used for long would stand still. SQLite answers the same questions by these.
 */
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

const RECORDS = '_stream_records';
const NUMBER = 'CAST(sequence_number AS INTEGER)';
const LOCK_WAIT_MILLISECONDS = 5_000;

/** Of a running engine, which has this table from its start on. */
export function indexStreamRecords(file: string): void {
  addIndexes(file, RECORDS, {
    lastOfTable: `table_name, ${NUMBER}`,
    pageOfShard: `table_name, shard_id, ${NUMBER}`,
    endsOfShard: 'table_name, shard_id, sequence_number',
  });
}

/** @param table as the API knows it. */
export function indexScans(file: string, table: string): void {
  addIndexes(file, table, { [`${table}::scans`]: 'hash_prefix, pk, sk' });
}

/** @throws where the database is not there, is of another shape, or stays locked: the engine works without. */
function addIndexes(file: string, table: string, indexes: Readonly<Record<string, string>>): void {
  const database = new DatabaseSync(`${pathToFileURL(file)}?mode=rw`, { timeout: LOCK_WAIT_MILLISECONDS });
  try {
    for (const [name, columns] of Object.entries(indexes)) {
      database.exec(`CREATE INDEX IF NOT EXISTS "${name}" ON "${table}" (${columns})`);
    }
  } finally {
    database.close();
  }
}
