/** Hands records to a function until they are dealt with, or given up: then they are written to a file. */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from './functions.ts';
import type { StreamRecord } from './stream-events.ts';

export type Delivery = {
  readonly functionName: string;
  readonly invoke: (event: { Records: readonly StreamRecord[] }) => Promise<Outcome>;
  /** JSON lines. */
  readonly deadLetterFile: string;
  readonly log: (line: string) => void;
  /** Stops between attempts; what is not dealt with by then is delivered again after a restart. */
  readonly stop: AbortSignal;
  readonly retry?: RetryLimits;
};

/** What cannot be parted is tried once and then `retries` times, the pause doubling from the first to the longest. */
export type RetryLimits = {
  readonly retries: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
};

export const BATCH_SIZE = 10;
const RETRY: RetryLimits = { retries: 5, firstPauseMs: 200, longestPauseMs: 5000 };

/** Resolves when each record was accepted or dead-lettered; throws when it was stopped before. */
export async function deliver(
  delivery: Delivery,
  records: readonly StreamRecord[],
  attempt = 0,
): Promise<void> {
  delivery.stop.throwIfAborted();
  const outcome = await delivery.invoke({ Records: records });
  // A stack that is stopping ends its functions; that is no fault of the record.
  delivery.stop.throwIfAborted();
  const failure = failureOf(outcome, records);
  if (failure === undefined) return;

  const rest = records.slice(failure.from);
  const { retries, firstPauseMs, longestPauseMs } = delivery.retry ?? RETRY;
  // What a report leaves of a batch is a batch of its own.
  const made = failure.from === 0 ? attempt : 0;
  const halved = !failure.reported && rest.length > 1;
  if (!halved && made >= retries) {
    for (const record of rest) writeDeadLetter(delivery, record, made + 1, failure.message);
    return;
  }
  await sleep(Math.min(firstPauseMs * 2 ** made, longestPauseMs), undefined, { signal: delivery.stop });
  if (!halved) return deliver(delivery, rest, made + 1);
  // Bisected, so that one bad record does not take its neighbours along. As in Lambda, that counts as no retry.
  const middle = Math.ceil(rest.length / 2);
  await deliver(delivery, rest.slice(0, middle));
  await deliver(delivery, rest.slice(middle));
}

/**
 * The first record that is to be delivered again. A batch whose function reports failures is parted there and nowhere
 * else: what stands behind comes again with it, and in the end is given up with it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
function failureOf(
  outcome: Outcome,
  records: readonly StreamRecord[],
): { from: number; reported: boolean; message: string } | undefined {
  if (!outcome.ok) return { from: 0, reported: false, message: `${outcome.error}: ${outcome.message}` };
  const { payload } = outcome;
  if (typeof payload !== 'object' || payload === null || !('batchItemFailures' in payload)) return undefined;
  const failures = payload.batchItemFailures;
  if (!Array.isArray(failures) || failures.length === 0) return undefined;
  const message = 'reported as failed';
  const positions = failures.map((failure: { itemIdentifier?: unknown } | null) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier),
  );
  // An unknown identifier makes Lambda take the whole batch for failed.
  const from = Math.min(...positions);
  return from < 0 ? { from: 0, reported: false, message } : { from, reported: true, message };
}

function writeDeadLetter(delivery: Delivery, record: StreamRecord, attempts: number, reason: string): void {
  const { functionName, deadLetterFile, log } = delivery;
  const line = { at: new Date().toISOString(), function: functionName, attempts, reason, record };
  appendFileSync(deadLetterFile, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  log(`${functionName}: a record is given up after ${attempts} attempts; it is in ${deadLetterFile}`);
}
