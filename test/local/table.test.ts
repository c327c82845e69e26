import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DescribeTableCommand, DescribeTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { openStateFolder, type StateFolder } from '../../infra/local/state-folder.ts';
import { findEngine, openTable, startEngine } from '../../infra/local/table.ts';
import { REGION, tableClient, temporaryFolder } from './support.ts';

async function startedEngine(found?: StateFolder, log: (line: string) => void = () => undefined) {
  const state = found ?? (await openStateFolder(await temporaryFolder(), {}));
  const engine = await startEngine(state, log);
  onTestFinished(async () => {
    await engine.close();
    state.release();
  });
  return { state, engine };
}

test('the table is the one of infra/table-definition.ts, and is opened again as it is', async () => {
  const { engine } = await startedEngine();
  const TableName = 'a-table';
  const opened = await openTable(engine, { tableName: TableName, region: REGION });
  expect(await openTable(engine, { tableName: TableName, region: REGION })).toEqual(opened);
  const client = tableClient(engine.url);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  expect(Table).toMatchObject({
    LatestStreamArn: opened.streamArn,
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  expect(Table?.GlobalSecondaryIndexes?.map(({ Projection }) => Projection?.ProjectionType)).toEqual([
    'INCLUDE',
    'INCLUDE',
    'ALL',
  ]);
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expiresAt', TimeToLiveStatus: 'ENABLED' });
});

test('the engine finds what it looks for by an index, however much there is', async () => {
  const { state, engine } = await startedEngine();
  await openTable(engine, { tableName: 'a-table', region: REGION });
  const database = new DatabaseSync(state.file('table', 'table.db'), { readOnly: true });
  onTestFinished(() => database.close());
  // As the engine asks them: at each write, for each page of the stream, for each look at it, for each page of a scan.
  const questions = [
    "SELECT COALESCE(MAX(CAST(sequence_number AS INTEGER)), 0) + 1 FROM _stream_records WHERE table_name = 't'",
    `SELECT * FROM _stream_records WHERE table_name = 't' AND shard_id = 's'
      AND CAST(sequence_number AS INTEGER) > 1 ORDER BY CAST(sequence_number AS INTEGER) LIMIT 1`,
    `SELECT MIN(sequence_number), MAX(sequence_number) FROM _stream_records
      WHERE table_name = 't' AND shard_id = 's'`,
    'SELECT * FROM "a-table" ORDER BY hash_prefix ASC, pk ASC, sk ASC LIMIT 1',
  ];
  const plans = questions.map((question) =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${question}`)
      .all()
      .map(({ detail }) => detail),
  );
  expect(plans).toEqual([
    [expect.stringContaining('INDEX lastOfTable')],
    [expect.stringContaining('USING INDEX pageOfShard')],
    [expect.stringContaining('USING COVERING INDEX endsOfShard')],
    [expect.stringContaining('USING INDEX a-table::scans')],
  ]);
});

test('an engine that keeps its stream otherwise starts all the same, and it is told', async () => {
  const state = await openStateFolder(await temporaryFolder(), {});
  const other = new DatabaseSync(state.file('table', 'table.db'));
  other.exec('CREATE TABLE _stream_records (id TEXT)');
  other.close();
  const lines: string[] = [];
  await startedEngine(state, (line) => lines.push(line));
  expect(lines).toEqual([expect.stringMatching(/goes without an index \(no such column/)]);
});

test('the engine is the installed one, else the one on the PATH, else the one at an address, else asked for', async () => {
  const folder = await temporaryFolder();
  const onPath = join(folder, 'dynoxide');
  await writeFile(onPath, '', { mode: 0o755 });
  const AWS_ENDPOINT_URL_DYNAMODB = 'http://127.0.0.1:8000/';
  expect(findEngine({ PATH: folder }, `${process.platform}-${process.arch}`)).toEqual({
    binary: expect.stringContaining(process.arch === 'x64' ? '@dynoxide' : onPath),
  });
  expect(findEngine({ PATH: `/nowhere:${folder}`, AWS_ENDPOINT_URL_DYNAMODB }, 'plan9-mips')).toEqual({
    binary: onPath,
  });
  expect(findEngine({ PATH: '/nowhere', AWS_ENDPOINT_URL_DYNAMODB }, 'plan9-mips')).toEqual({
    url: 'http://127.0.0.1:8000',
  });
  expect(() => findEngine({ PATH: '/nowhere' }, 'plan9-mips')).toThrow(
    /^There is no table engine for plan9-mips .*dynoxide.*AWS_ENDPOINT_URL_DYNAMODB=/,
  );
});
