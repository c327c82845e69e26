import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { AwsError } from '../../shared/aws/json-client.ts';
import { claimKey, keepReply, readKey, releaseKey } from '../../shared/store/idempotency.ts';
import { openTable, type Table, transact } from '../../shared/store/table.ts';
import { aroundCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';

let table: Table;
beforeAll(() => {
  table = openTable(useStackEnvironment().TABLE_NAME);
});

const requestOf = (hash = 'the request') => ({
  actor: 'acme\n1',
  operation: 'POST /x',
  key: randomUUID(),
  hash,
});
const after = (seconds: number, instant = new Date()) => new Date(instant.getTime() + seconds * 1000);
const reply = { statusCode: 200, headers: {}, body: '{}' };

async function claimed(request: ReturnType<typeof requestOf>, now = new Date()) {
  const standing = await claimKey(table, request, now);
  if (standing.state !== 'claimed') throw new Error(`Not claimed: ${standing.state}`);
  return standing.claim;
}

it('is held against others until its lease is over', async () => {
  const request = requestOf();
  const now = new Date();
  await claimed(request, now);
  expect(await claimKey(table, request, after(29, now))).toEqual({ state: 'in_flight' });
  await claimed(request, after(31, now));
});

it('whose holder died is taken over, and the first holder can then change nothing', async () => {
  const request = requestOf();
  const first = await claimed(request);
  const second = await claimed(request, after(31));
  // The key's write is in the transaction of the change: with it the whole change is cancelled.
  expect(await transact(table, [keepReply(first, reply)])).toEqual(['changed_meanwhile']);
  expect(await transact(table, [keepReply(second, reply)])).toEqual([]);
  expect(await readKey(table, request)).toEqual({ state: 'done', reply });
});

it('of a died holder is not taken by another request', async () => {
  const request = requestOf();
  await claimed(request);
  const other = { ...request, hash: 'another request' };
  expect(await claimKey(table, other, after(31))).toEqual({ state: 'other_request' });
});

it('is free again for any request once released, and not once it is answered', async () => {
  const request = requestOf();
  const first = await claimed(request);
  await releaseKey(table, first);
  expect(await readKey(table, request)).toBeUndefined();
  const other = { ...request, hash: 'mended' };
  const second = await claimed(other);
  await transact(table, [keepReply(second, reply)]);
  await releaseKey(table, second);
  expect(await readKey(table, other)).toEqual({ state: 'done', reply });
  expect(await claimKey(table, request, new Date())).toEqual({ state: 'other_request' });
});

it('ends after 24 hours', async () => {
  const request = requestOf();
  const first = await claimed(request);
  await transact(table, [keepReply(first, reply)]);
  expect(await claimKey(table, request, after(86_399))).toMatchObject({ state: 'done' });
  await claimed({ ...request, hash: 'tomorrow' }, after(86_401));
});

it('is in flight while the transaction of its holder goes on, of which DynamoDB lets nobody write besides', async () => {
  const request = requestOf();
  const own = openTable(table.name);
  let told = 0;
  aroundCalls(own.client, async (_, next) => {
    told += 1;
    if (told > 1) return next();
    throw new AwsError('TransactionConflictException', 400);
  });
  expect(await claimKey(own, request, new Date())).toEqual({ state: 'in_flight' });
  expect(await claimKey(own, request, new Date())).toMatchObject({ state: 'claimed' });
});
