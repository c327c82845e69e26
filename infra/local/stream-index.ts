/**
 * The engine numbers each record of a stream by reading all there are, and reads all of them again for a reader of the
 * stream: each write costs more than the one before, a stack that has been used for long stands still. Its database is
 * one of SQLite, which uses these indexes for the same questions.
 */
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

const RECORDS = '_stream_records';
const NUMBER = 'CAST(sequence_number AS INTEGER)';
const INDEXES: Readonly<Record<string, string>> = {
  lastOfTable: `table_name, ${NUMBER}`,
  pageOfShard: `table_name, shard_id, ${NUMBER}`,
  endsOfShard: 'table_name, shard_id, sequence_number',
};
const LOCK_WAIT_MILLISECONDS = 5_000;

/**
 * Of the database of a running engine, which has its tables from its start on.
 *
 * @throws Where that is not there, is of another shape, or stays locked: the engine works without the indexes.
 */
export function indexStreamRecords(file: string): void {
  const database = new DatabaseSync(`${pathToFileURL(file)}?mode=rw`, { timeout: LOCK_WAIT_MILLISECONDS });
  try {
    for (const [name, columns] of Object.entries(INDEXES)) {
      database.exec(`CREATE INDEX IF NOT EXISTS ${name} ON ${RECORDS} (${columns})`);
    }
  } finally {
    database.close();
  }
}
