import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStateFolder } from '../../infra/local/state-folder.ts';
import { openTable, STAND_IN_CREDENTIALS, startEngine } from '../../infra/local/table.ts';
import { dynamoDbClient } from '../../shared/aws/dynamodb.ts';
import type { Table } from '../../shared/store/table.ts';

const REGION = 'eu-west-1';

/** A table engine of a test's own, whose writes no function hears of. */
export async function ownTable(): Promise<{ readonly table: Table; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'psa-table-'));
  const state = await openStateFolder(folder, {});
  const engine = await startEngine(state, () => undefined);
  const name = `own-${process.pid}`;
  await openTable(engine, { tableName: name, region: REGION });
  const client = dynamoDbClient({
    maxAttempts: 3,
    endpoint: engine.url,
    region: REGION,
    credentials: STAND_IN_CREDENTIALS,
  });
  const close = async () => {
    await engine.close();
    state.release();
    await rm(folder, { recursive: true, force: true });
  };
  return { table: { client, name }, close };
}
