import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { type AttemptsItem, attemptsItem } from './items.ts';
import { attemptsKey, type Key, provenNetwork, UNPROVEN_NETWORKS } from './keys.ts';
import { type Table, toAttributes } from './table.ts';

/** Cognito locks a user name at its fifth failure, from any network; so it is never asked a fifth time (S5). */
const FAILURES_BEFORE_DELAY = 4;
/** After this quiet time Cognito's own count is back at zero. */
const QUIET_SECONDS = 15 * 60;
const MAX_LEVEL = 6;
/** NIST 800-63B 3.2.2. */
const GUESSES_A_DAY = 100;
const DAY_SECONDS = 86_400;
const PROVEN_DAYS = 30;

type Throttled = { readonly reason: 'throttled'; readonly retryAfterSeconds: number };
/** A slot taken before Cognito is asked. It stays taken unless `releaseItems` gives it back. */
export type Reservation = {
  readonly tenant: string;
  readonly folded: string;
  readonly network: string;
  readonly proven: boolean;
};

/**
 * Takes a slot by a conditional write, so that a burst of any size cannot pass it. A network from which the
 * account signed in has a budget of its own (S6): one write. All others share one: two writes.
 */
export async function reserveAttempt(
  table: Table,
  account: { readonly tenant: string; readonly folded: string; readonly network: string },
  now: Date,
): Promise<Decision<Reservation, Throttled>> {
  const own = attemptsKey(account.tenant, account.folded, provenNetwork(account.network));
  const proven = await take(table, own, now, 'proven');
  if (proven === 'taken') return granted({ ...account, proven: true });
  if (proven !== 'absent') return refused(proven);
  const shared = attemptsKey(account.tenant, account.folded, UNPROVEN_NETWORKS);
  const unproven = await take(table, shared, now, 'any');
  if (unproven === 'taken') return granted({ ...account, proven: false });
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
    provenUntil: seconds + PROVEN_DAYS * DAY_SECONDS,
    expiresAt: seconds + PROVEN_DAYS * DAY_SECONDS,
  };
  const { tenant, folded, network } = reservation;
  return {
    puts: [{ ...attemptsKey(tenant, folded, provenNetwork(network)), ...fresh }],
    deletes: reservation.proven ? [] : [attemptsKey(tenant, folded, UNPROVEN_NETWORKS)],
  };
}

/**
 * Gives one slot back: the password was right, and nothing was guessed. Wrong codes stay counted, so that whoever
 * knows the password cannot try codes without end by asking for the challenge in between.
 */
export async function giveBack(table: Table, reservation: Reservation): Promise<void> {
  const { tenant, folded, network, proven } = reservation;
  const key = attemptsKey(tenant, folded, proven ? provenNetwork(network) : UNPROVEN_NETWORKS);
  try {
    await table.client.send(
      new UpdateItemCommand({
        TableName: table.name,
        Key: toAttributes(key),
        UpdateExpression: 'ADD #failures :back',
        ConditionExpression: '#failures > :none',
        ExpressionAttributeNames: { '#failures': 'failures' },
        ExpressionAttributeValues: toAttributes({ ':back': -1, ':none': 0 }),
      }),
    );
  } catch (error) {
    // A success beside this one made the budget whole meanwhile.
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

async function take(
  table: Table,
  key: Key,
  now: Date,
  kind: 'proven' | 'any',
): Promise<'taken' | 'absent' | Throttled> {
  const seen = await increment(table, key, now, kind);
  if (seen === 'taken') return 'taken';
  const seconds = epochSeconds(now);
  if (kind === 'proven' && (seen === undefined || (seen.provenUntil ?? 0) <= seconds)) return 'absent';
  if (seen === undefined || seen.expiresAt <= seconds) return restart(table, key, now, kind, seen);
  const waitUntil = seen.lastAt + delaySeconds(seen.level);
  if (seen.day === today(now) && seen.today >= GUESSES_A_DAY) {
    return { reason: 'throttled', retryAfterSeconds: DAY_SECONDS - (seconds % DAY_SECONDS) };
  }
  if (waitUntil > seconds) return { reason: 'throttled', retryAfterSeconds: waitUntil - seconds };
  return restart(table, key, now, kind, seen);
}

/** Doubles from 15 minutes, up to 16 hours. */
function delaySeconds(level: number): number {
  return QUIET_SECONDS * 2 ** Math.min(level, MAX_LEVEL);
}

/** Within the budget: one atomic increment. On refusal, what stands there. */
async function increment(
  table: Table,
  key: Key,
  now: Date,
  kind: 'proven' | 'any',
): Promise<'taken' | AttemptsItem | undefined> {
  const underway = '#failures < :limit AND #expiresAt > :now AND #day = :day AND #today < :daily';
  const ConditionExpression = kind === 'proven' ? `#provenUntil > :now AND ${underway}` : underway;
  try {
    await table.client.send(
      new UpdateItemCommand({
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
          ':one': 1,
          ':day': today(now),
          ':daily': GUESSES_A_DAY,
        }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return 'taken';
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
): Promise<'taken' | 'absent' | Throttled> {
  const seconds = epochSeconds(now);
  const alive = seen !== undefined && seen.expiresAt > seconds;
  const exhausted = alive && seen.failures >= FAILURES_BEFORE_DELAY;
  const next: AttemptsItem = {
    schema: 1,
    type: 'attempts',
    failures: alive && !exhausted ? seen.failures + 1 : 1,
    lastAt: seconds,
    level: exhausted ? seen.level + 1 : alive ? seen.level : 0,
    day: today(now),
    today: alive && seen.day === today(now) ? seen.today + 1 : 1,
    ...(kind === 'proven' && seen?.provenUntil ? { provenUntil: seen.provenUntil } : {}),
    expiresAt: Math.max(seconds + DAY_SECONDS, kind === 'proven' ? (seen?.provenUntil ?? 0) : 0),
  };
  const names = Object.keys(next);
  try {
    await table.client.send(
      new UpdateItemCommand({
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
      }),
    );
    return 'taken';
  } catch (error) {
    standing(error);
    // Another request of the burst restarted it first: it now counts up like any other.
    return take(table, key, now, kind);
  }
}

function standing(error: unknown): AttemptsItem | undefined {
  if (!(error instanceof ConditionalCheckFailedException)) throw error;
  return error.Item === undefined ? undefined : v.parse(attemptsItem, unmarshall(error.Item));
}

function today(now: Date): string {
  return now.toISOString().slice(0, 10);
}
