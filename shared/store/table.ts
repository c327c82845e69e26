import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type * as v from 'valibot';
import {
  type BatchWriteItemInput,
  cancellationCodes,
  type DynamoDbClient,
  dynamoDbClient,
  type QueryInput,
  type RawItem,
  type TransactWriteItem,
} from '../aws/dynamodb.ts';
import { isAwsError } from '../aws/json-client.ts';
import { parseShape } from '../shape.ts';
import type { Key } from './keys.ts';

export type Table = { readonly client: DynamoDbClient; readonly name: string };

export function openTable(name: string): Table {
  return { client: dynamoDbClient({ maxAttempts: 3 }), name };
}

/** The table, or the table engine, cannot answer now; nothing was changed. Answered 503 (R9). */
export class StoreBusyError extends Error {
  override readonly name = 'StoreBusyError';
}

type Attributes = Record<string, unknown>;

const marshallOptions = { removeUndefinedValues: true } as const;
export const toAttributes = (value: Attributes) => marshall(value, marshallOptions);

function parse<S extends v.GenericSchema>(schema: S, raw: RawItem): v.InferOutput<S> {
  return parseShape(schema, unmarshall(raw));
}

/** TTL removes items late: an expired one counts as absent from its second on. */
function live(raw: RawItem | undefined, nowEpochSeconds: number) {
  const expiresAt = raw?.expiresAt?.N;
  return raw === undefined || (expiresAt !== undefined && Number(expiresAt) <= nowEpochSeconds)
    ? undefined
    : raw;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

export async function getItem<S extends v.GenericSchema>(
  table: Table,
  key: Key,
  schema: S,
): Promise<v.InferOutput<S> | undefined> {
  const { Item } = await table.client.call('GetItem', {
    TableName: table.name,
    Key: toAttributes(key),
    ConsistentRead: true,
  });
  const found = live(Item, nowSeconds());
  return found === undefined ? undefined : parse(schema, found);
}

const BATCH_ROUNDS = 4;
const BACKOFF_MILLISECONDS = 25;
/** DynamoDB's limit for one BatchGetItem. */
const KEYS_A_READ = 100;

/**
 * Consistent reads of several items: one call for each 100. Keys that the table leaves unprocessed are asked for
 * again, then the read fails: an unread item is never taken for an absent one.
 */
export async function batchGet<
  const Wanted extends Readonly<Record<string, { key: Key; schema: v.GenericSchema }>>,
>(
  table: Table,
  wanted: Wanted,
): Promise<{ [Name in keyof Wanted]: v.InferOutput<Wanted[Name]['schema']> | undefined }> {
  const found = new Map<string, RawItem>();
  const keys = Object.values(wanted).map(({ key }) => toAttributes(key));
  for (let from = 0; from < keys.length; from += KEYS_A_READ) {
    await readInto(found, table, keys.slice(from, from + KEYS_A_READ));
  }
  const now = nowSeconds();
  return Object.fromEntries(
    Object.entries(wanted).map(([name, { key, schema }]) => {
      const raw = live(found.get(`${key.PK}\n${key.SK}`), now);
      return [name, raw === undefined ? undefined : parse(schema, raw)];
    }),
  ) as { [Name in keyof Wanted]: v.InferOutput<Wanted[Name]['schema']> | undefined };
}

async function readInto(found: Map<string, RawItem>, table: Table, wanted: RawItem[]): Promise<void> {
  let keys = wanted;
  for (let round = 0; keys.length > 0; round += 1) {
    if (round === BATCH_ROUNDS) throw new StoreBusyError('Keys stayed unprocessed');
    if (round > 0) await pause(round);
    const page = await table.client.call('BatchGetItem', {
      RequestItems: { [table.name]: { Keys: keys, ConsistentRead: true } },
    });
    for (const item of page.Responses?.[table.name] ?? []) found.set(`${item.PK?.S}\n${item.SK?.S}`, item);
    keys = page.UnprocessedKeys?.[table.name]?.Keys ?? [];
  }
}

/** Unconditional puts and deletes in one call; for records that overwrite nothing another request relies on. */
export async function batchWrite(
  table: Table,
  puts: readonly Attributes[],
  deletes: readonly Key[] = [],
): Promise<void> {
  let requests: WriteRequests = [
    ...puts.map((item) => ({ PutRequest: { Item: toAttributes(item) } })),
    ...deletes.map((key) => ({ DeleteRequest: { Key: toAttributes(key) } })),
  ];
  for (let round = 0; requests.length > 0; round += 1) {
    if (round === BATCH_ROUNDS) throw new StoreBusyError('Writes stayed unprocessed');
    if (round > 0) await pause(round);
    requests = await unprocessed(table, requests);
  }
}

type WriteRequests = NonNullable<BatchWriteItemInput['RequestItems']>[string];

/** What one call leaves: all of it where an item is in another transaction at this moment. */
async function unprocessed(table: Table, requests: WriteRequests): Promise<WriteRequests> {
  try {
    const result = await table.client.call('BatchWriteItem', { RequestItems: { [table.name]: requests } });
    return result.UnprocessedItems?.[table.name] ?? [];
  } catch (error) {
    if (isAwsError(error, 'TransactionConflictException')) return requests;
    throw error;
  }
}

/** One unconditional put, for records that only add. */
export async function putItem(table: Table, item: Attributes): Promise<void> {
  await table.client.call('PutItem', { TableName: table.name, Item: toAttributes(item) });
}

export type Page<T> = { readonly items: readonly T[]; readonly lastKey: Attributes | undefined };

type TableQuery = Omit<QueryInput, 'TableName' | 'ExclusiveStartKey'>;

export async function queryPage<S extends v.GenericSchema>(
  table: Table,
  schema: S,
  query: TableQuery & { readonly startAfter?: Attributes | undefined },
): Promise<Page<v.InferOutput<S>>> {
  const { startAfter, ...input } = query;
  const page = await table.client.call('Query', {
    ...input,
    TableName: table.name,
    ...(startAfter ? { ExclusiveStartKey: toAttributes(startAfter) } : {}),
  });
  return {
    items: (page.Items ?? []).map((item) => parse(schema, item)),
    lastKey: page.LastEvaluatedKey ? unmarshall(page.LastEvaluatedKey) : undefined,
  };
}

/** The items of one page after the other, to the end of the list. `Limit` is that of a page. */
export async function* queryPages<S extends v.GenericSchema>(
  table: Table,
  schema: S,
  query: TableQuery,
): AsyncGenerator<readonly v.InferOutput<S>[]> {
  let startAfter: Attributes | undefined;
  do {
    const page = await queryPage(table, schema, { ...query, startAfter });
    yield page.items;
    startAfter = page.lastKey;
  } while (startAfter !== undefined);
}

/** A write of a transaction. `onConflict` says what its failed condition means to the caller. */
export type Write<Conflict extends string> =
  | { readonly put: Attributes; readonly when?: Condition; readonly onConflict?: Conflict }
  | { readonly update: Key; readonly set: Update; readonly when?: Condition; readonly onConflict?: Conflict }
  | { readonly remove: Key; readonly when?: Condition; readonly onConflict?: Conflict }
  | { readonly check: Key; readonly when: Condition; readonly onConflict: Conflict };

export type Condition = {
  readonly expression: string;
  readonly names?: Readonly<Record<`#${string}`, string>>;
  readonly values?: Readonly<Record<`:${string}`, unknown>>;
};
/** An UpdateExpression with its own names and values; they must not clash with the condition's. */
export type Update = Condition;

const TRANSACTION_ROUNDS = 8;
/** Another transaction, the table's own scaling, or one partition that takes too much: also of a table on demand. */
const TRANSIENT = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/**
 * Writes all or nothing. Answers the conflicts of the conditions that failed, in the order of the writes;
 * an empty list says that everything was written. Another transaction in the way, and throttling, are waited out
 * briefly with jitter, then StoreBusyError.
 */
export async function transact<Conflict extends string>(
  table: Table,
  writes: readonly Write<Conflict>[],
): Promise<readonly Conflict[]> {
  const TransactItems = writes.map((write) => transactItem(table.name, write));
  const ClientRequestToken = crypto.randomUUID();
  for (let round = 1; ; round += 1) {
    try {
      await table.client.call('TransactWriteItems', { TransactItems, ClientRequestToken });
      return [];
    } catch (error) {
      const codes = cancellationCodes(error);
      if (codes === undefined) throw error;
      const conflicts = writes.flatMap((write, index) =>
        codes[index] === 'ConditionalCheckFailed' && write.onConflict ? [write.onConflict] : [],
      );
      if (conflicts.length > 0) return conflicts;
      if (!codes.some((code) => code !== undefined && TRANSIENT.has(code))) throw error;
      if (round === TRANSACTION_ROUNDS) throw new StoreBusyError('Transactions kept conflicting');
      await pause(round);
    }
  }
}

function transactItem<Conflict extends string>(TableName: string, write: Write<Conflict>): TransactWriteItem {
  if ('put' in write) return { Put: { TableName, Item: toAttributes(write.put), ...condition(write.when) } };
  if ('remove' in write) {
    return { Delete: { TableName, Key: toAttributes(write.remove), ...condition(write.when) } };
  }
  if ('check' in write) {
    const { ConditionExpression = '', ...rest } = condition(write.when);
    return { ConditionCheck: { TableName, Key: toAttributes(write.check), ConditionExpression, ...rest } };
  }
  const both: Condition = {
    expression: write.when?.expression ?? '',
    names: { ...write.set.names, ...write.when?.names },
    values: { ...write.set.values, ...write.when?.values },
  };
  const { ConditionExpression, ...rest } = condition(both);
  return {
    Update: {
      TableName,
      Key: toAttributes(write.update),
      UpdateExpression: write.set.expression,
      ...rest,
      ...(ConditionExpression ? { ConditionExpression } : {}),
    },
  };
}

export function condition(when: Condition | undefined): {
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: RawItem;
} {
  if (when === undefined) return {};
  const { names = {}, values = {} } = when;
  return {
    ConditionExpression: when.expression,
    ...(Object.keys(names).length > 0 ? { ExpressionAttributeNames: { ...names } } : {}),
    ...(Object.keys(values).length > 0 ? { ExpressionAttributeValues: toAttributes({ ...values }) } : {}),
  };
}

function pause(round: number): Promise<void> {
  const ceiling = BACKOFF_MILLISECONDS * 2 ** round;
  return new Promise((resolve) => setTimeout(resolve, ceiling * (0.5 + Math.random() / 2)));
}

export const NOT_EXISTS: Condition = { expression: 'attribute_not_exists(PK)' };
