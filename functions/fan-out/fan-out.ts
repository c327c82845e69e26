import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { type EventBus, publishEvents } from './publish-events.ts';
import { type RetireDeps, retireCredentials } from './retire-credentials.ts';

/**
 * Tells other services of AWS what was committed: the user pool of replaced passwords, the event bus of what
 * automation may wait for. One reader of the stream for both, since a stream serves two (docs/decisions/0034); a bus
 * that is out of order delays the user pool's part and loses none of it.
 */
export function fanOut(deps: RetireDeps & { readonly bus: EventBus }) {
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const retired = Records.filter((record) => typeOf(record) === 'retired-credential');
    const { batchItemFailures } = await retireCredentials(deps)({ Records: retired });
    // The filter says so, too; AWS's pages do not agree on whether it heeds `eventName`.
    const added = Records.filter((record) => record.eventName === 'INSERT');
    const rest = added.filter((record) => typeOf(record) !== 'retired-credential');
    const untold = await publishEvents(deps.bus, rest);
    return {
      batchItemFailures: [
        ...batchItemFailures,
        ...untold.map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber ?? '' })),
      ],
    };
  };
}

function typeOf({ dynamodb, eventName }: DynamoDBRecord): string | undefined {
  return (eventName === 'REMOVE' ? dynamodb?.OldImage : dynamodb?.NewImage)?.type?.S;
}
