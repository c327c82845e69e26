import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { findEngine, openTable, STAND_IN_CREDENTIALS } from '../../infra/local/table.ts';
import type { Table } from '../../shared/store/table.ts';

const REGION = 'eu-west-1';

/**
 * A table engine of a test's own, in memory: thousands of items are written to it three times as fast as to the
 * stack's, whose every write is kept and streamed.
 */
export async function ownTable(): Promise<{ readonly table: Table; close(): Promise<void> }> {
  const found = findEngine(process.env, `${process.platform}-${process.arch}`);
  const { url, close } =
    'url' in found ? { ...found, close: async () => undefined } : await run(found.binary);
  const name = `own-${process.pid}`;
  await openTable({ url, external: true, close }, { tableName: name, region: REGION });
  const client = new DynamoDBClient({ endpoint: url, region: REGION, credentials: STAND_IN_CREDENTIALS });
  return { table: { client, name }, close };
}

async function run(binary: string) {
  const port = await freePort();
  const engine = spawn(binary, ['serve', '--host', '127.0.0.1', '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      if (chunk.includes('listening on')) resolve();
    };
    engine.stdout.on('data', read);
    engine.stderr.on('data', read);
    engine.once('error', reject);
    engine.once('exit', () => reject(new Error('The table engine ended')));
  });
  const close = async () => {
    const ended = once(engine, 'exit');
    // By force: nothing of it is kept, and it takes its time over a polite end.
    engine.kill('SIGKILL');
    await ended;
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('There is no free port');
  return address.port;
}
