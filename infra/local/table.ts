/** The table engine, and the table in it. */
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import { type IndexDefinition, tableDefinition } from '../table-definition.ts';
import { endChild, startChild } from './child.ts';
import { indexScans, indexStreamRecords } from './engine-indexes.ts';
import type { FromEngine } from './engine-process.ts';
import { messageOf, Problem } from './problem.ts';
import { isRunning, processIdentity } from './process-identity.ts';
import type { StateFolder } from './state-folder.ts';

export type Engine = {
  readonly url: string;
  /** True for one that keeps its data elsewhere than in the state folder. */
  readonly external: boolean;
  /** Makes scans of a table that it holds fast. */
  readonly indexTable?: (table: string) => void;
  close(): Promise<void>;
};

/** Stand-ins check no signature; the SDK insists on having something to sign with. */
export const STAND_IN_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;

type FoundEngine = { readonly binary: string } | { readonly url: string };

/** In this order: the installed package for this platform, the PATH, an address of one that runs already. */
export function findEngine(environment: NodeJS.ProcessEnv, platform: string): FoundEngine {
  const binary = packagedEngine(platform) ?? engineOnPath(environment.PATH ?? '');
  if (binary !== undefined) return { binary };
  const url = environment.AWS_ENDPOINT_URL_DYNAMODB;
  if (url) return { url: url.replace(/\/+$/, '') };
  throw new Problem(
    `There is no table engine for ${platform} among the installed packages: put dynoxide ` +
      '(https://github.com/nubo-db/dynoxide) on the PATH, or start DynamoDB Local ' +
      '(docker run -p 8000:8000 amazon/dynamodb-local) and set AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:8000.',
  );
}

function packagedEngine(platform: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(`@dynoxide/${platform}/dynoxide`);
  } catch {
    return undefined;
  }
}

function engineOnPath(path: string): string | undefined {
  const candidates = path.split(delimiter).map((folder) => join(folder, 'dynoxide'));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export async function startEngine(state: StateFolder, log: (line: string) => void): Promise<Engine> {
  const found = findEngine(process.env, `${process.platform}-${process.arch}`);
  if ('binary' in found) return runEngine(found.binary, state, log);
  return { url: found.url, external: true, close: async () => undefined };
}

async function runEngine(binary: string, state: StateFolder, log: (line: string) => void): Promise<Engine> {
  const database = state.file('table', 'table.db');
  const keeper = startChild({
    state,
    what: "table engine's keeper",
    entry: './engine-process.ts',
    args: [binary, database],
    env: { PATH: process.env.PATH },
    log: 'table-engine.log',
  });
  let closing = false;
  const { port, pid } = await new Promise<{ port: number; pid: number }>((resolve, reject) => {
    const fail = (why: string) => reject(new Problem(`The table engine ${binary} does not start: ${why}`));
    keeper.once('message', (message: FromEngine) => {
      if (message.kind === 'ready') resolve(message);
      else fail(message.message);
    });
    keeper.once('exit', () => fail(`see ${state.file('logs', 'table-engine.log')}.`));
  });
  state.started(pid, 'table engine');
  const index = (add: () => void) => {
    try {
      add();
    } catch (error) {
      // Another version of the engine may keep its tables otherwise.
      log(`The table engine goes without an index (${messageOf(error)}): it gets slower the more there is.`);
    }
  };
  index(() => indexStreamRecords(database));
  const identity = processIdentity(pid);
  keeper.once('exit', () => {
    state.ended(pid);
    if (!closing) log('The table engine ended: stop the stack and start it again.');
  });
  return {
    url: `http://127.0.0.1:${port}`,
    external: false,
    indexTable: (table) => index(() => indexScans(database, table)),
    async close() {
      closing = true;
      await endChild(keeper);
      // A keeper that had to be ended by force could not end the engine.
      if (identity !== undefined && isRunning({ pid, identity })) process.kill(pid, 'SIGKILL');
    },
  };
}

type KeyNames = { readonly partitionKey: string; readonly sortKey: string };

const keySchema = ({ partitionKey, sortKey }: KeyNames): KeySchemaElement[] => [
  { AttributeName: partitionKey, KeyType: 'HASH' },
  { AttributeName: sortKey, KeyType: 'RANGE' },
];

const WAIT_SECONDS = 10;

/** Creates the table unless it is there. Answers the ARN of its stream. */
export async function openTable(
  engine: Engine,
  options: { tableName: string; region: string; fresh?: boolean },
): Promise<{ streamArn: string }> {
  const { tableName: TableName, region } = options;
  const client = new DynamoDBClient({ endpoint: engine.url, region, credentials: STAND_IN_CREDENTIALS });
  const waiter = { client, maxWaitTime: WAIT_SECONDS, minDelay: 0.05, maxDelay: 0.5 };
  try {
    let table = await describe(client, TableName);
    if (table !== undefined && options.fresh) {
      await client.send(new DeleteTableCommand({ TableName }));
      await waitUntilTableNotExists(waiter, { TableName });
      table = undefined;
    }
    if (table === undefined) {
      await create(client, TableName);
      table = await describe(client, TableName);
      if (table?.TableStatus !== 'ACTIVE') await waitUntilTableExists(waiter, { TableName });
      const TimeToLiveSpecification = { AttributeName: tableDefinition.timeToLiveAttribute, Enabled: true };
      await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
    }
    engine.indexTable?.(TableName);
    if (table === undefined || !isAsDefined(table)) {
      throw new Problem(
        `The table kept here has other keys or indexes than infra/table-definition.ts: start once with --fresh, which deletes what is kept.`,
      );
    }
    if (table.LatestStreamArn === undefined) throw new Error('The table has no stream');
    return { streamArn: table.LatestStreamArn };
  } finally {
    client.destroy();
  }
}

async function describe(client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

async function create(client: DynamoDBClient, TableName: string): Promise<void> {
  const { indexes, streamViewType, ...keys } = tableDefinition;
  const names = new Set([keys, ...indexes].flatMap(({ partitionKey, sortKey }) => [partitionKey, sortKey]));
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: Array.from(names, (AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keySchema(keys),
      GlobalSecondaryIndexes: indexes.map((index: IndexDefinition) => ({
        IndexName: index.name,
        KeySchema: keySchema(index),
        Projection: index.attributes
          ? { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.attributes] }
          : { ProjectionType: 'ALL' },
      })),
      StreamSpecification: { StreamEnabled: true, StreamViewType: streamViewType },
    }),
  );
}

function isAsDefined(table: TableDescription): boolean {
  const shape = (name: string, keys: readonly KeySchemaElement[] = [], fields: readonly string[] = []) =>
    [
      name,
      ...keys.map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`).sort(),
      ...fields.toSorted(),
    ].join();
  const wanted = [
    shape('', keySchema(tableDefinition)),
    ...tableDefinition.indexes.map((index: IndexDefinition) =>
      shape(index.name, keySchema(index), index.attributes),
    ),
  ];
  const found = [
    shape('', table.KeySchema),
    ...(table.GlobalSecondaryIndexes ?? []).map((index) =>
      shape(index.IndexName ?? '', index.KeySchema, index.Projection?.NonKeyAttributes),
    ),
  ];
  return wanted.sort().join('\n') === found.sort().join('\n');
}
