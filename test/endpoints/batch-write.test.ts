import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { AwsError } from '../../shared/aws/json-client.ts';
import { batchWrite, getItem, openTable, StoreBusyError } from '../../shared/store/table.ts';
import { aroundCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';

/** A table whose first `conflicts` writes meet another transaction. */
function tableWith(conflicts: number) {
  const table = openTable(useStackEnvironment().TABLE_NAME);
  let left = conflicts;
  aroundCalls(table.client, async ({ operation }, next) => {
    if (operation !== 'BatchWriteItem' || left === 0) return next();
    left -= 1;
    throw new AwsError('TransactionConflictException', 400);
  });
  return table;
}

// A sign-in notes the account's last use, as the transaction of a refresh does at the same moment.
test('a batch that meets another transaction is written again', async () => {
  const key = { PK: `TEST#${randomUUID()}`, SK: 'TEST' };
  const table = tableWith(2);
  await batchWrite(table, [{ ...key, type: 'test' }]);
  expect(await getItem(table, key, v.object({ type: v.string() }))).toEqual({ type: 'test' });
});

test('but not without end', async () => {
  const key = { PK: `TEST#${randomUUID()}`, SK: 'TEST' };
  await expect(batchWrite(tableWith(9), [{ ...key, type: 'test' }])).rejects.toThrow(StoreBusyError);
});
