import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import * as v from 'valibot';
import type { EventBridgeClient } from '../../shared/aws/eventbridge.ts';
import { EVENT_SOURCE, type Event, eventOfChange, eventOfGuesses } from '../../shared/events.ts';
import { errorFields, logError, logInfo } from '../../shared/log.ts';
import { countDroppedEvent } from '../../shared/metrics.ts';
import { parseShape } from '../../shared/shape.ts';
import { auditEntryItem } from '../../shared/store/audit-log.ts';
import { guessNoticeItem } from '../../shared/store/guess-notices.ts';

export type EventBus = { readonly client: EventBridgeClient; readonly name: string };

/** PutEvents takes ten; a batch of the stream has no more (infra/aws/stream-consumer.ts), and this holds if it did. */
const ENTRIES_A_CALL = 10;

const told = v.variant('type', [
  v.object({ ...auditEntryItem.entries, tenant: v.string() }),
  guessNoticeItem,
]);

/**
 * Answers the records whose events were not taken: they are to be sent again. An event may be told again, each time that
 * a record before it fails. A record that no event can be made of is told of and passed over: to be tried again it would
 * hold up those of every company behind it.
 */
export async function publishEvents(
  bus: EventBus,
  records: readonly DynamoDBRecord[],
): Promise<DynamoDBRecord[]> {
  const failed: DynamoDBRecord[] = [];
  const due: { readonly record: DynamoDBRecord; readonly event: Event }[] = [];
  for (const record of records) {
    try {
      const event = eventOf(record);
      if (event !== undefined) due.push({ record, event });
    } catch (error) {
      logError('event_dropped', errorFields(error));
      countDroppedEvent();
    }
  }
  for (let from = 0; from < due.length; from += ENTRIES_A_CALL) {
    const part = due.slice(from, from + ENTRIES_A_CALL);
    const taken = await put(
      bus,
      part.map(({ event }) => event),
    );
    part.forEach(({ record }, at) => {
      if (!taken[at]) failed.push(record);
    });
  }
  return failed;
}

function eventOf({ dynamodb }: DynamoDBRecord): Event | undefined {
  const image = unmarshall((dynamodb?.NewImage ?? {}) as Parameters<typeof unmarshall>[0]);
  const item = parseShape(told, image);
  return item.type === 'audit' ? eventOfChange(item) : eventOfGuesses(item);
}

/** Whether each was taken. */
async function put({ client, name }: EventBus, events: readonly Event[]): Promise<readonly boolean[]> {
  try {
    const { Entries = [] } = await client.call('PutEvents', {
      Entries: events.map(({ type, at, detail }) => ({
        EventBusName: name,
        Source: EVENT_SOURCE,
        DetailType: type,
        Time: at.getTime() / 1000,
        Detail: JSON.stringify(detail),
      })),
    });
    return events.map((_, at) => {
      const { EventId, ErrorCode } = Entries[at] ?? {};
      if (EventId === undefined) logError('event_failed', { errorName: ErrorCode ?? 'NotTaken' });
      else logInfo('event_published');
      return EventId !== undefined;
    });
  } catch (error) {
    logError('event_failed', errorFields(error));
    return events.map(() => false);
  }
}
