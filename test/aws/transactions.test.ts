import { expect, test } from 'vitest';
import { dynamoDbClient } from '../../shared/aws/dynamodb.ts';
import { AwsError } from '../../shared/aws/json-client.ts';
import { type Table, transact } from '../../shared/store/table.ts';
import { aroundCalls } from '../support/aws-calls.ts';

/** A table that cancels the first transaction for this reason, and takes the next. */
function cancellingOnce(Code: string) {
  const client = dynamoDbClient({
    maxAttempts: 1,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  let calls = 0;
  aroundCalls(client, async () => {
    calls += 1;
    if (calls > 1) return {};
    const CancellationReasons = [{ Code: 'None' }, { Code }];
    throw new AwsError('TransactionCanceledException', 400, { CancellationReasons });
  });
  const table: Table = { client, name: 'table' };
  return { table, calls: () => calls };
}

const write = (table: Table) =>
  transact(table, [
    { put: { PK: 'A', SK: 'A' } },
    { put: { PK: 'B', SK: 'B' }, when: { expression: 'attribute_not_exists(PK)' }, onConflict: 'there' },
  ]);

// A partition of a table on demand that takes too much says the last of these:
// https://github.com/aws-samples/sample-collaborative-ai-dlc/pull/443
test.each(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded'])(
  'a transaction that was cancelled by %s is tried again',
  async (code) => {
    const { table, calls } = cancellingOnce(code);
    expect(await write(table)).toEqual([]);
    expect(calls()).toBe(2);
  },
);

test('one whose condition failed is not, and one that is wrong throws', async () => {
  const conflicting = cancellingOnce('ConditionalCheckFailed');
  expect(await write(conflicting.table)).toEqual(['there']);
  expect(conflicting.calls()).toBe(1);
  const wrong = cancellingOnce('ValidationError');
  await expect(write(wrong.table)).rejects.toThrow('TransactionCanceledException');
  expect(wrong.calls()).toBe(1);
});
