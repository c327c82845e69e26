import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TransactWriteItem } from '../../shared/aws/dynamodb.ts';
import { aroundCalls, EVERY_CLIENT } from './aws-calls.ts';
import { startFront } from './front.ts';
import { stack } from './world.ts';

/** What a write says of a condition, and of names and values. */
type Write = {
  UpdateExpression?: string;
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, unknown> | undefined;
  ExpressionAttributeValues?: Record<string, unknown> | undefined;
};
type Input = Write & { TransactItems?: TransactWriteItem[] };

/** All who come at once have read before the first of them writes, on a busy machine too. */
const LATE_MILLISECONDS = 500;

/**
 * The same API on the same table, whose writes ask for nothing: each request reads, decides by the rules, and puts.
 * Tests of races show with it that they would see what the conditions keep out.
 */
export async function startNaiveFront() {
  const ours = new AsyncLocalStorage<true>();
  const restore = aroundCalls(EVERY_CLIENT, async ({ service, input }, next) => {
    if (service === 'dynamodb' && ours.getStore() && takeConditionsOff(input)) await sleep(LATE_MILLISECONDS);
    return next();
  });
  const front = await startFront(stack.endpoints, (_, handle) => ours.run(true, handle));
  const close = async () => {
    restore();
    await front.close();
  };
  return { url: front.url, close };
}

/** Answers whether there were any. */
function takeConditionsOff(input: Input): boolean {
  if (input.TransactItems === undefined) {
    if (input.ConditionExpression === undefined) return false;
    trust(input);
    return true;
  }
  input.TransactItems = input.TransactItems.filter(({ ConditionCheck }) => ConditionCheck === undefined);
  for (const item of input.TransactItems) {
    for (const write of Object.values(item)) trust(write as Write);
  }
  return true;
}

/** DynamoDB refuses names and values that no expression uses. */
function trust(write: Write): void {
  const { UpdateExpression: used = '' } = write;
  const left = (names: Record<string, unknown> = {}) => {
    const kept = Object.entries(names).filter(([name]) => new RegExp(`${name}\\b`).test(used));
    return kept.length === 0 ? undefined : Object.fromEntries(kept);
  };
  write.ConditionExpression = undefined;
  write.ExpressionAttributeNames = left(write.ExpressionAttributeNames);
  write.ExpressionAttributeValues = left(write.ExpressionAttributeValues);
}
