import * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { guessNoticeItem } from './guess-notices.ts';
import {
  BY_SUBJECT_INDEX,
  guessNoticeKey,
  type Key,
  noticeKey,
  owedPartitions,
  owedSort,
  resetKey,
} from './keys.ts';
import { noticeItem } from './notices.ts';
import { resetItem } from './resets.ts';
import { queryPages, type Table, transact } from './table.ts';

export const owedMailItem = v.variant('type', [resetItem, noticeItem, guessNoticeItem]);
export type OwedMailItem = v.InferOutput<typeof owedMailItem>;

/** Every mail that is owed since `before` or longer, the longest owed of each part of the list first. */
export async function* owedMails(table: Table, before: Date): AsyncGenerator<OwedMailItem> {
  const now = epochSeconds(new Date());
  for (const partition of owedPartitions) {
    const query = {
      IndexName: BY_SUBJECT_INDEX,
      KeyConditionExpression: 'subjectPK = :list AND subjectSK < :before',
      ExpressionAttributeValues: {
        ':list': { S: partition },
        ':before': { S: owedSort(epochSeconds(before) + 1) },
      },
    };
    for await (const page of queryPages(table, owedMailItem, query)) {
      // TTL removes items late.
      yield* page.filter(({ expiresAt }) => expiresAt > now);
    }
  }
}

/** How long a mail may be owed before it counts as forgotten: its first tries are the stream's. */
export const OWED_MINUTES = 15;

/** Whether the pause after its last wake is over: each is twice as long as the one before. */
export function isDue({ wokenOn, wakes = 0 }: OwedMailItem, now: Date): boolean {
  return wokenOn === undefined || now.getTime() - Date.parse(wokenOn) >= OWED_MINUTES * 60_000 * 2 ** wakes;
}

/**
 * Puts the mail into the table's stream once more, on condition that it is still owed: what sends mails takes it
 * for a new one. Answers whether it was owed.
 */
export async function wakeMail(table: Table, mail: OwedMailItem, now: Date): Promise<boolean> {
  const conflicts = await transact<'done'>(table, [
    {
      update: owedMailKey(mail),
      set: {
        expression: 'SET #outbox = :pending, #wokenOn = :now ADD #wakes :one',
        names: { '#outbox': 'outbox', '#wokenOn': 'wokenOn', '#wakes': 'wakes' },
        values: { ':pending': 'pending', ':now': now.toISOString(), ':one': 1 },
      },
      when: {
        expression: 'attribute_exists(PK) AND #outbox <> :done',
        values: { ':done': 'done' },
      },
      onConflict: 'done',
    },
  ]);
  return conflicts.length === 0;
}

export function owedMailKey({ type, id }: Pick<OwedMailItem, 'type' | 'id'>): Key {
  switch (type) {
    case 'reset':
      return resetKey(id);
    case 'notice':
      return noticeKey(id);
    case 'guess-notice':
      return guessNoticeKey(id);
  }
}
