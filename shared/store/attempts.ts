import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { standingItem } from '../aws/dynamodb.ts';
import { isAwsError } from '../aws/json-client.ts';
import { DAY_SECONDS, epochSeconds } from '../clock.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { parseShape } from '../shape.ts';
import { commonFields, epochTime } from './items.ts';
import { attemptsKey, type Key, provenNetwork, UNPROVEN_NETWORKS } from './keys.ts';
import { queryPage, type Table, toAttributes } from './table.ts';

export const attemptsItem = v.object({
  ...commonFields,
  type: v.literal('attempts'),
  /** Reserved since the last success or quiet period; a reservation that succeeded is given back. */
  failures: v.number(),
  lastAt: epochTime,
  /** How often the budget was exhausted in a row: the delay doubles with it. */
  level: v.number(),
  /** Guesses of this UTC day, as `yyyy-mm-dd`. */
  day: v.string(),
  today: v.number(),
  /** Set on the item of a network from which the account signed in. */
  provenUntil: v.optional(epochTime),
  expiresAt: epochTime,
});
export type AttemptsItem = v.InferOutput<typeof attemptsItem>;
/** With its sort key, which says of which network it is. */
export const attemptsWithNetwork = v.object({ ...attemptsItem.entries, SK: v.string() });

/** Cognito locks a user name at its fifth failure, from any network; so it is never asked a fifth time (S5). */
const FAILURES_BEFORE_DELAY = 4;
/** After this quiet time Cognito's own count is back at zero. */
const QUIET_SECONDS = 15 * 60;
const MAX_LEVEL = 6;
/** NIST 800-63B 3.2.2. */
const GUESSES_A_DAY = 100;
/** 30 days from the last success. */
export const PROVEN_SECONDS = 30 * DAY_SECONDS;

type Throttled = { readonly reason: 'throttled'; readonly retryAfterSeconds: number };
/** `underway`: the slots were taken within seconds, so that one may come back. */
type Exhausted = Throttled & { readonly underway: boolean; readonly proven: boolean };
/** A slot taken before Cognito is asked. It stays taken unless `releaseItems` gives it back. */
export type Reservation = {
  readonly tenant: string;
  readonly folded: string;
  readonly network: string;
  readonly proven: boolean;
  /** The last slot of a budget that was whole: if it fails too, the owner is told. */
  readonly exhausts: boolean;
};

type Account = { readonly tenant: string; readonly folded: string; readonly network: string };

/** Attempts that hold the last slots may still be under way, and right: a client's threads start together. */
const UNDERWAY_SECONDS = 2;
const PATIENCE_MILLISECONDS = [300, 300, 600, 1000];
/** On an unproven network only long enough for a first success to prove it: bursts of strangers cost little. */
const UNPROVEN_ROUNDS = 1;

/**
 * Takes a slot by a conditional write, so that a burst of any size cannot pass it. Where every slot was taken
 * this very moment, it waits a little for one to come back before it refuses.
 */
export async function reserveAttempt(
  table: Table,
  account: Account,
  now: Date,
): Promise<Decision<Reservation, Throttled>> {
  const startedAt = Date.now();
  for (const [round, patience] of PATIENCE_MILLISECONDS.entries()) {
    const reserved = await reserveOnce(table, account, now);
    if (reserved.ok || !reserved.refusal.underway) return withoutHint(reserved);
    if (!reserved.refusal.proven && round >= UNPROVEN_ROUNDS) return withoutHint(reserved);
    await new Promise((resolve) => setTimeout(resolve, patience * (0.5 + Math.random())));
  }
  return withoutHint(await reserveOnce(table, account, new Date(now.getTime() + Date.now() - startedAt)));
}

function withoutHint(reserved: Decision<Reservation, Exhausted>): Decision<Reservation, Throttled> {
  if (reserved.ok) return reserved;
  const { reason, retryAfterSeconds } = reserved.refusal;
  return refused({ reason, retryAfterSeconds });
}

/**
 * A network from which the account signed in has a budget of its own (S6): one write. All others share one: two
 * writes.
 */
async function reserveOnce(
  table: Table,
  account: Account,
  now: Date,
): Promise<Decision<Reservation, Exhausted>> {
  const own = attemptsKey(account.tenant, account.folded, provenNetwork(account.network));
  const proven = await take(table, own, now, 'proven');
  if (proven === 'taken' || proven === 'last_taken') {
    return granted({ ...account, proven: true, exhausts: proven === 'last_taken' });
  }
  if (proven !== 'absent') return refused(proven);
  const shared = attemptsKey(account.tenant, account.folded, UNPROVEN_NETWORKS);
  const unproven = await take(table, shared, now, 'any');
  if (unproven === 'taken' || unproven === 'last_taken') {
    return granted({ ...account, proven: false, exhausts: unproven === 'last_taken' });
  }
  if (unproven === 'absent') throw new Error('An unproven budget is made by its first reservation');
  return refused(unproven);
}

/** Puts and deletes that a success writes together with its audit record: the budget is whole again. */
export function releaseItems(reservation: Reservation, now: Date) {
  const seconds = epochSeconds(now);
  const fresh: AttemptsItem = {
    schema: 1,
    type: 'attempts',
    failures: 0,
    lastAt: seconds,
    level: 0,
    day: today(now),
    today: 0,
    provenUntil: seconds + PROVEN_SECONDS,
    expiresAt: seconds + PROVEN_SECONDS,
  };
  const { tenant, folded, network } = reservation;
  return {
    puts: [{ ...attemptsKey(tenant, folded, provenNetwork(network)), ...fresh }],
    deletes: reservation.proven ? [] : [attemptsKey(tenant, folded, UNPROVEN_NETWORKS)],
  };
}

/** How long a sign-in would have to wait now, and from how many networks. Reserves nothing. */
export async function readThrottling(
  table: Table,
  tenant: string,
  folded: string,
  now: Date,
): Promise<{ readonly throttledSeconds: number; readonly throttledNetworks: number }> {
  const { PK } = attemptsKey(tenant, folded, UNPROVEN_NETWORKS);
  const { items } = await queryPage(table, attemptsWithNetwork, {
    KeyConditionExpression: 'PK = :account',
    ExpressionAttributeValues: { ':account': { S: PK } },
    ConsistentRead: true,
  });
  const waits = items.map((item) => ({
    shared: item.SK === UNPROVEN_NETWORKS,
    seconds: item.expiresAt <= epochSeconds(now) ? 0 : secondsToWait(item, now),
  }));
  return {
    throttledSeconds: waits.find(({ shared }) => shared)?.seconds ?? 0,
    throttledNetworks: waits.filter(({ shared, seconds }) => !shared && seconds > 0).length,
  };
}

/**
 * What a lift leaves of a budget: no doubled wait. The day's count stands, and so do failures that Cognito may still
 * hold against the name: else lifts would let a fifth reach it, and its own lock would hit the right password (S5).
 */
export function liftedAttempts(seen: AttemptsItem, now: Date): AttemptsItem {
  const quiet = seen.lastAt <= epochSeconds(now) - QUIET_SECONDS;
  return { ...seen, level: 0, failures: quiet ? 0 : seen.failures };
}

function isDayUsedUp(seen: AttemptsItem, now: Date): boolean {
  return seen.day === today(now) && seen.today >= GUESSES_A_DAY;
}

/** Zero where an attempt is let through. */
export function secondsToWait(seen: AttemptsItem, now: Date): number {
  const seconds = epochSeconds(now);
  if (isDayUsedUp(seen, now)) return DAY_SECONDS - (seconds % DAY_SECONDS);
  if (seen.failures < FAILURES_BEFORE_DELAY) return 0;
  return Math.max(0, seen.lastAt + delaySeconds(seen.level) - seconds);
}

/**
 * Gives a slot back where nothing was guessed: no password was judged, Cognito being throttled or down, or it was
 * right and a code is still due. Wrong codes stay counted, so that whoever knows the password cannot try codes
 * without end by asking for the challenge in between.
 */
export async function returnReservation(table: Table, reservation: Reservation): Promise<void> {
  const { tenant, folded, network, proven } = reservation;
  const item = attemptsKey(tenant, folded, proven ? provenNetwork(network) : UNPROVEN_NETWORKS);
  try {
    await table.client.call('UpdateItem', {
      TableName: table.name,
      Key: toAttributes(item),
      UpdateExpression: 'ADD #failures :less, #today :less',
      ConditionExpression: '#failures > :none AND #today > :none',
      ExpressionAttributeNames: { '#failures': 'failures', '#today': 'today' },
      ExpressionAttributeValues: toAttributes({ ':less': -1, ':none': 0 }),
    });
  } catch (error) {
    // A success was faster, and made the budget whole.
    if (!isAwsError(error, 'ConditionalCheckFailedException')) throw error;
  }
}

/**
 * A `.catch` for what is done under a reservation: gives the slot back and throws the fault on. A fault is no wrong
 * guess, so AWS being throttled or down locks nobody out.
 */
export function handBack(table: Table, reservation: Reservation) {
  return async (fault: unknown): Promise<never> => {
    // If this fails too, the first fault is the one to tell.
    await returnReservation(table, reservation).catch(() => undefined);
    throw fault;
  };
}

async function take(
  table: Table,
  key: Key,
  now: Date,
  kind: 'proven' | 'any',
): Promise<Taken | 'absent' | Exhausted> {
  const seen = await increment(table, key, now, kind);
  if (seen === 'taken' || seen === 'last_taken') return seen;
  const seconds = epochSeconds(now);
  if (kind === 'proven' && (seen === undefined || (seen.provenUntil ?? 0) <= seconds)) return 'absent';
  if (seen === undefined || seen.expiresAt <= seconds) return restart(table, key, now, kind, seen);
  const retryAfterSeconds = secondsToWait(seen, now);
  if (retryAfterSeconds === 0) return restart(table, key, now, kind, seen);
  // A slot may come back within seconds, but not before tomorrow where the day's guesses are used up.
  const underway = !isDayUsedUp(seen, now) && seen.lastAt + UNDERWAY_SECONDS >= seconds;
  return { reason: 'throttled', retryAfterSeconds, underway, proven: kind === 'proven' };
}

/** Doubles from 15 minutes, up to 16 hours. */
function delaySeconds(level: number): number {
  return QUIET_SECONDS * 2 ** Math.min(level, MAX_LEVEL);
}

type Taken = 'taken' | 'last_taken';

/** Within the budget: one atomic increment. On refusal, what stands there. */
async function increment(
  table: Table,
  key: Key,
  now: Date,
  kind: 'proven' | 'any',
): Promise<Taken | AttemptsItem | undefined> {
  const underway =
    '#failures < :limit AND #lastAt > :quietSince AND #expiresAt > :now AND #day = :day AND #today < :daily';
  const ConditionExpression = kind === 'proven' ? `#provenUntil > :now AND ${underway}` : underway;
  try {
    const { Attributes } = await table.client.call('UpdateItem', {
      TableName: table.name,
      Key: toAttributes(key),
      UpdateExpression: 'SET #lastAt = :now ADD #failures :one, #today :one',
      ConditionExpression,
      ExpressionAttributeNames: {
        '#failures': 'failures',
        '#expiresAt': 'expiresAt',
        '#lastAt': 'lastAt',
        '#day': 'day',
        '#today': 'today',
        ...(kind === 'proven' ? { '#provenUntil': 'provenUntil' } : {}),
      },
      ExpressionAttributeValues: toAttributes({
        ':limit': FAILURES_BEFORE_DELAY,
        ':now': epochSeconds(now),
        ':quietSince': epochSeconds(now) - QUIET_SECONDS,
        ':one': 1,
        ':day': today(now),
        ':daily': GUESSES_A_DAY,
      }),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const { failures, level } = parseShape(attemptsItem, unmarshall(Attributes ?? {}));
    return failures === FAILURES_BEFORE_DELAY && level === 0 ? 'last_taken' : 'taken';
  } catch (error) {
    return standing(error);
  }
}

/** Begins a new budget, on condition that nobody else did since `seen`. */
async function restart(
  table: Table,
  key: Key,
  now: Date,
  kind: 'proven' | 'any',
  seen: AttemptsItem | undefined,
): Promise<Taken | 'absent' | Exhausted> {
  const seconds = epochSeconds(now);
  const alive = seen !== undefined && seen.expiresAt > seconds;
  const exhausted = alive && seen.failures >= FAILURES_BEFORE_DELAY;
  const quiet = alive && seen.lastAt <= seconds - QUIET_SECONDS;
  const next: AttemptsItem = {
    schema: 1,
    type: 'attempts',
    failures: alive && !exhausted && !quiet ? seen.failures + 1 : 1,
    lastAt: seconds,
    level: exhausted ? seen.level + 1 : alive ? seen.level : 0,
    day: today(now),
    today: alive && seen.day === today(now) ? seen.today + 1 : 1,
    ...(kind === 'proven' && seen?.provenUntil ? { provenUntil: seen.provenUntil } : {}),
    expiresAt: Math.max(seconds + DAY_SECONDS, kind === 'proven' ? (seen?.provenUntil ?? 0) : 0),
  };
  const names = Object.keys(next);
  try {
    await table.client.call('UpdateItem', {
      TableName: table.name,
      Key: toAttributes(key),
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression:
        seen === undefined
          ? 'attribute_not_exists(PK)'
          : '#lastAt = :seenAt AND #today = :seenToday AND #failures = :seenFailures',
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: toAttributes({
        ...Object.fromEntries(Object.entries(next).map(([name, value]) => [`:${name}`, value])),
        ...(seen === undefined
          ? {}
          : { ':seenAt': seen.lastAt, ':seenToday': seen.today, ':seenFailures': seen.failures }),
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    return 'taken';
  } catch (error) {
    standing(error);
    // Another request of the burst restarted it first: it now counts up like any other.
    return take(table, key, now, kind);
  }
}

function standing(error: unknown): AttemptsItem | undefined {
  if (!isAwsError(error, 'ConditionalCheckFailedException')) throw error;
  const item = standingItem(error);
  return item === undefined ? undefined : parseShape(attemptsItem, unmarshall(item));
}

function today(now: Date): string {
  return now.toISOString().slice(0, 10);
}
