import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { standingItem } from '../aws/dynamodb.ts';
import { isAwsError } from '../aws/json-client.ts';
import { DAY_SECONDS, epochSeconds } from '../clock.ts';
import { newId } from '../ids.ts';
import { parseShape } from '../shape.ts';
import { commonFields, epochTime } from './items.ts';
import { idempotencyKey, type Key } from './keys.ts';
import { batchGet, condition, type Table, toAttributes, transact, type Write } from './table.ts';

/** What a request under an Idempotency-Key was answered, or that it is under way (R8). */
const idempotencyItem = v.object({
  ...commonFields,
  type: v.literal('idempotency'),
  requestHash: v.string(),
  state: v.picklist(['in_flight', 'done', 'released']),
  /** Who holds the key, until when. */
  attempt: v.string(),
  leaseUntil: epochTime,
  reply: v.optional(
    v.object({
      statusCode: v.number(),
      headers: v.record(v.string(), v.string()),
      body: v.string(),
    }),
  ),
  expiresAt: epochTime,
});
type IdempotencyItem = v.InferOutput<typeof idempotencyItem>;

const KEPT_SECONDS = DAY_SECONDS;
/** One second more than a function may run: whoever claimed the key and died holds it no longer than this. */
const LEASE_SECONDS = 30;

/** A request under an Idempotency-Key. `hash` tells another request under the same key apart. */
export type KeyedRequest = {
  /** Who asks: the keys of one caller mean nothing to another. */
  readonly actor: string;
  readonly operation: string;
  readonly key: string;
  readonly hash: string;
};

export type KeptReply = NonNullable<IdempotencyItem['reply']>;
/** Held by the one request that may do the work. */
export type KeyClaim = { readonly key: Key; readonly attempt: string };

export type Standing =
  | { readonly state: 'claimed'; readonly claim: KeyClaim }
  | { readonly state: 'done'; readonly reply: KeptReply }
  | { readonly state: 'in_flight' }
  | { readonly state: 'other_request' };

/** Takes the key by one conditional write, before anything is done; else tells how the key stands. */
export async function claimKey(table: Table, request: KeyedRequest, now: Date): Promise<Standing> {
  const seconds = epochSeconds(now);
  const key = idempotencyKey(request);
  const attempt = newId();
  const item: IdempotencyItem = {
    schema: 1,
    type: 'idempotency',
    requestHash: request.hash,
    state: 'in_flight',
    attempt,
    leaseUntil: seconds + LEASE_SECONDS,
    expiresAt: seconds + KEPT_SECONDS,
  };
  try {
    await table.client.call('PutItem', {
      TableName: table.name,
      Item: toAttributes({ ...key, ...item }),
      ...condition({
        expression:
          'attribute_not_exists(PK) OR #expiresAt <= :now OR #state = :released OR ' +
          '(#state = :inFlight AND #leaseUntil <= :now AND #requestHash = :hash)',
        names: {
          '#expiresAt': 'expiresAt',
          '#state': 'state',
          '#leaseUntil': 'leaseUntil',
          '#requestHash': 'requestHash',
        },
        values: {
          ':now': seconds,
          ':released': 'released',
          ':inFlight': 'in_flight',
          ':hash': request.hash,
        },
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return { state: 'claimed', claim: { key, attempt } };
  } catch (error) {
    // The holder's own transaction goes on at this moment, and lets nobody write besides.
    if (isAwsError(error, 'TransactionConflictException')) return { state: 'in_flight' };
    const standing = standingItem(error);
    if (standing === undefined) throw error;
    const found = parseShape(idempotencyItem, unmarshall(standing));
    // The AWS client repeated a call that had its effect, but whose answer was lost.
    return found.attempt === attempt
      ? { state: 'claimed', claim: { key, attempt } }
      : standingOf(found, request);
  }
}

/** How the key stands now; `undefined` when it is free again. */
export async function readKey(table: Table, request: KeyedRequest): Promise<Standing | undefined> {
  const { item } = await batchGet(table, {
    item: { key: idempotencyKey(request), schema: idempotencyItem },
  });
  return item === undefined || item.state === 'released' ? undefined : standingOf(item, request);
}

function standingOf(item: IdempotencyItem, request: KeyedRequest): Standing {
  if (item.requestHash !== request.hash) return { state: 'other_request' };
  return item.state === 'done' && item.reply ? { state: 'done', reply: item.reply } : { state: 'in_flight' };
}

/** Keeps the reply, on condition that the claim still holds; belongs into the transaction of the change. */
export function keepReply({ key, attempt }: KeyClaim, reply: KeptReply): Write<'changed_meanwhile'> {
  return {
    update: key,
    set: {
      expression: 'SET #state = :done, #reply = :reply',
      names: { '#state': 'state', '#reply': 'reply' },
      values: { ':done': 'done', ':reply': reply },
    },
    when: stillClaimed(attempt),
    onConflict: 'changed_meanwhile',
  };
}

/** Nothing was changed: the next request with the key may try. */
export async function releaseKey(table: Table, { key, attempt }: KeyClaim): Promise<void> {
  await transact<'lost'>(table, [
    {
      update: key,
      set: {
        expression: 'SET #state = :released',
        names: { '#state': 'state' },
        values: { ':released': 'released' },
      },
      when: stillClaimed(attempt),
      onConflict: 'lost',
    },
  ]);
}

const stillClaimed = (attempt: string) => ({
  expression: '#attempt = :attempt AND #state = :inFlight',
  names: { '#attempt': 'attempt', '#state': 'state' } as const,
  values: { ':attempt': attempt, ':inFlight': 'in_flight' },
});
