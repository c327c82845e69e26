/**
 * Reads the table's stream for one function, from where it stopped. Each function reads for itself, so that a record
 * which one of them cannot stomach holds up no other.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type _Record,
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  type Shard,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import { openCheckpoint } from './checkpoint.ts';
import { errorCode, messageOf } from './problem.ts';
import { BATCH_SIZE, type Delivery, deliver } from './stream-delivery.ts';
import { passes, type StreamFilters, toLambdaRecord } from './stream-events.ts';
import { STAND_IN_CREDENTIALS } from './table.ts';

type ReaderOptions = Omit<Delivery, 'stop'> & {
  readonly endpoint: string;
  readonly region: string;
  readonly streamArn: string;
  readonly filters: StreamFilters;
  readonly checkpointFile: string;
};

export type StreamReader = { close(): Promise<void> };

const IDLE_POLL_MS = 100;
const CLOSE_GRACE_MS = 2000;
const RECOVER_PAUSE_MS = 1000;
/** Shards come and go over hours. */
const LIST_SHARDS_EVERY_MS = 5000;

export function startStreamReader(options: ReaderOptions): StreamReader {
  const { endpoint, region, streamArn, functionName, log } = options;
  const client = new DynamoDBStreamsClient({ endpoint, region, credentials: STAND_IN_CREDENTIALS });
  const stop = new AbortController();
  const checkpoint = openCheckpoint(options.checkpointFile, streamArn);
  const iterators = new Map<string, string>();
  const delivery: Delivery = { ...options, stop: stop.signal };
  let shards: readonly Shard[] = [];
  let shardsListedAt = Number.NEGATIVE_INFINITY;

  const listShards = async () => {
    const listed: Shard[] = [];
    let last: string | undefined;
    do {
      const { StreamDescription } = await client.send(
        new DescribeStreamCommand({
          StreamArn: streamArn,
          ...(last === undefined ? {} : { ExclusiveStartShardId: last }),
        }),
      );
      listed.push(...(StreamDescription?.Shards ?? []));
      last = StreamDescription?.LastEvaluatedShardId;
    } while (last !== undefined);
    checkpoint.forget(new Set(listed.map(({ ShardId = '' }) => ShardId)));
    shards = listed;
    shardsListedAt = performance.now();
  };

  /** A shard is read after its parent, or a change could overtake an earlier one of the same item. */
  const isReadable = ({ ShardId = '', ParentShardId }: Shard) => {
    const parentPending =
      ParentShardId !== undefined &&
      shards.some((shard) => shard.ShardId === ParentShardId) &&
      !checkpoint.shards[ParentShardId]?.finished;
    return !parentPending && !checkpoint.shards[ShardId]?.finished;
  };

  const iteratorOf = async (shardId: string) => {
    const known = iterators.get(shardId);
    if (known !== undefined) return known;
    const ask = { StreamArn: streamArn, ShardId: shardId };
    const after = checkpoint.shards[shardId]?.after;
    const start = () =>
      client.send(new GetShardIteratorCommand({ ...ask, ShardIteratorType: 'TRIM_HORIZON' }));
    const { ShardIterator } = await (after === undefined
      ? start()
      : client
          .send(
            new GetShardIteratorCommand({
              ...ask,
              ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
              SequenceNumber: after,
            }),
          )
          .catch((error: unknown) => {
            // Kept for 24 hours only; what is left is newer than the checkpoint.
            if (error instanceof TrimmedDataAccessException) return start();
            throw error;
          }));
    return ShardIterator ?? '';
  };

  const handOver = async (shardId: string, records: readonly _Record[]) => {
    const wanted = records.filter((record) => passes(options.filters, record));
    for (let index = 0; index < wanted.length; index += BATCH_SIZE) {
      const batch = wanted.slice(index, index + BATCH_SIZE);
      await deliver(
        delivery,
        batch.map((record) => toLambdaRecord(record, { streamArn, region })),
      );
      const after = batch.at(-1)?.dynamodb?.SequenceNumber;
      if (after !== undefined) checkpoint.save(shardId, { after });
    }
    const after = records.at(-1)?.dynamodb?.SequenceNumber;
    if (after !== undefined && checkpoint.shards[shardId]?.after !== after)
      checkpoint.save(shardId, { after });
  };

  /** Answers whether there was anything. */
  const readShard = async (shardId: string): Promise<boolean> => {
    const ShardIterator = await iteratorOf(shardId);
    // Forgotten until all of it is dealt with: after a failure it is asked for anew, from the checkpoint.
    iterators.delete(shardId);
    const { Records = [], NextShardIterator } = await client.send(new GetRecordsCommand({ ShardIterator }));
    await handOver(shardId, Records);
    if (NextShardIterator !== undefined) iterators.set(shardId, NextShardIterator);
    else checkpoint.save(shardId, { after: checkpoint.shards[shardId]?.after ?? '0', finished: true });
    return Records.length > 0;
  };

  const poll = async () => {
    if (performance.now() - shardsListedAt > LIST_SHARDS_EVERY_MS) await listShards();
    let busy = false;
    for (const shard of shards.filter(isReadable)) busy = (await readShard(shard.ShardId ?? '')) || busy;
    if (!busy) await sleep(IDLE_POLL_MS, undefined, { signal: stop.signal });
  };

  const run = async () => {
    let failing = false;
    while (!stop.signal.aborted) {
      try {
        await poll();
        failing = false;
      } catch (error) {
        if (stop.signal.aborted) return;
        if (error instanceof ExpiredIteratorException || error instanceof ResourceNotFoundException) {
          shardsListedAt = Number.NEGATIVE_INFINITY;
        }
        // Once, not at every try: the engine may be gone for good.
        if (!failing)
          log(`${functionName}: the stream cannot be read (${errorCode(error) ?? messageOf(error)})`);
        failing = true;
        await sleep(RECOVER_PAUSE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  };
  const running = run();
  return {
    async close() {
      stop.abort();
      // A function may be at work for long; its records stay before the checkpoint and come again.
      await Promise.race([running, sleep(CLOSE_GRACE_MS, undefined, { ref: false })]);
      client.destroy();
    },
  };
}
