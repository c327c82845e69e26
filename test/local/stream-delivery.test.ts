import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Outcome } from '../../infra/local/functions.ts';
import { deliver } from '../../infra/local/stream-delivery.ts';
import { passes, type StreamRecord, toLambdaRecord } from '../../infra/local/stream-events.ts';
import { linesOf, temporaryFolder } from './support.ts';

const record = (SequenceNumber: string): StreamRecord =>
  toLambdaRecord(
    { eventName: 'INSERT', dynamodb: { SequenceNumber } },
    { streamArn: 'arn', region: 'eu-west-1' },
  );
const done: Outcome = { ok: true, payload: { batchItemFailures: [] } };
const failedAt = (itemIdentifier: string): Outcome => ({
  ok: true,
  payload: { batchItemFailures: [{ itemIdentifier }] },
});

async function run(numbers: string[], answer: (batch: string[], call: number) => Outcome) {
  const deadLetterFile = join(await temporaryFolder(), 'dead.jsonl');
  const batches: string[][] = [];
  await deliver(
    {
      functionName: 'f',
      invoke: async ({ Records }) => {
        const batch = Records.map(({ dynamodb }) => dynamodb.SequenceNumber);
        batches.push(batch);
        return answer(batch, batches.length);
      },
      deadLetterFile,
      log: () => undefined,
      stop: new AbortController().signal,
      retry: { retries: 2, firstPauseMs: 1, longestPauseMs: 2 },
    },
    numbers.map(record),
  );
  const dead = (await linesOf(deadLetterFile)).map(
    (line) => JSON.parse(line) as { record: StreamRecord; attempts: number },
  );
  return { batches, dead };
}

test('a batch that is accepted is delivered once', async () => {
  const { batches, dead } = await run(['1', '2'], () => done);
  expect(batches).toEqual([['1', '2']]);
  expect(dead).toEqual([]);
});

test('after a partial failure only the failed record and those behind it come again', async () => {
  const { batches, dead } = await run(['1', '2', '3'], (_batch, call) => (call === 1 ? failedAt('2') : done));
  expect(batches).toEqual([
    ['1', '2', '3'],
    ['2', '3'],
  ]);
  expect(dead).toEqual([]);
});

test('a record that never succeeds is given up after its retries, and its neighbours are delivered', async () => {
  const { batches, dead } = await run(['1', '2', '3', '4'], (batch) =>
    batch.includes('3') ? { ok: false, error: 'thrown', message: 'bad' } : done,
  );
  expect(dead).toMatchObject([
    { attempts: 3, reason: 'thrown: bad', record: { dynamodb: { SequenceNumber: '3' } } },
  ]);
  expect(batches.filter((batch) => batch.join() === '3')).toHaveLength(3);
  expect(batches).toContainEqual(['1', '2']);
  expect(batches).toContainEqual(['4']);
});

test('a record that is reported each time is given up with those behind it, which came again with it', async () => {
  const { batches, dead } = await run(['1', '2', '3'], () => failedAt('2'));
  expect(batches).toEqual([
    ['1', '2', '3'],
    ['2', '3'],
    ['2', '3'],
  ]);
  expect(dead).toMatchObject([
    { attempts: 3, reason: 'reported as failed', record: { dynamodb: { SequenceNumber: '2' } } },
    { attempts: 3, reason: 'reported as failed', record: { dynamodb: { SequenceNumber: '3' } } },
  ]);
});

test('a failure with an identifier of no record fails the whole batch', async () => {
  const { batches } = await run(['1', '2'], (_batch, call) => (call === 1 ? failedAt('unknown') : done));
  expect(batches).toEqual([['1', '2'], ['1'], ['2']]);
});

const image = { type: { S: 'note' }, state: { S: 'open' } };
test.each([
  ['INSERT', { NewImage: image }, true],
  ['MODIFY', { NewImage: image }, false],
  ['REMOVE', { OldImage: image }, true],
  ['REMOVE', { NewImage: image }, false],
  ['INSERT', { NewImage: { ...image, state: { S: 'shut' } } }, false],
  ['INSERT', { NewImage: { type: { S: 'note' } } }, false],
] as const)('the filter looks at %s %j', (eventName, dynamodb, expected) => {
  const filters = [
    { eventNames: ['INSERT', 'REMOVE'] as const, attributes: { type: ['note'], state: ['open', 'new'] } },
  ];
  expect(passes(filters, { eventName, dynamodb })).toBe(expected);
});

test('binary values are base64 in the event, and times are whole seconds', () => {
  const bytes = new Uint8Array([0, 255]);
  const { dynamodb } = toLambdaRecord(
    {
      eventName: 'INSERT',
      dynamodb: {
        ApproximateCreationDateTime: new Date(1_700_000_000_900),
        NewImage: { a: { B: bytes }, b: { M: { c: { L: [{ BS: [bytes] }] } } }, d: { N: '1' } },
      },
    },
    { streamArn: 'arn', region: 'eu-west-1' },
  );
  expect(dynamodb.NewImage).toEqual({
    a: { B: 'AP8=' },
    b: { M: { c: { L: [{ BS: ['AP8='] }] } } },
    d: { N: '1' },
  });
  expect(dynamodb.ApproximateCreationDateTime).toBe(1_700_000_000);
});
