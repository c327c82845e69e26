import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';

/**
 * Works through a batch of the table's stream, in order, every record of it: one that fails holds up none beside
 * it, and is reported, so that Lambda sends it again, with all that stand behind it in the batch, and at last puts them
 * together among the dead letters. So what comes again may be done, and what was not done is lost by stopping early.
 */
export async function eachRecord(
  event: DynamoDBStreamEvent,
  work: (record: DynamoDBRecord) => Promise<void>,
  onFailure: (error: unknown, record: DynamoDBRecord) => void,
): Promise<DynamoDBBatchResponse> {
  const batchItemFailures: DynamoDBBatchResponse['batchItemFailures'] = [];
  for (const record of event.Records) {
    try {
      await work(record);
    } catch (error) {
      onFailure(error, record);
      batchItemFailures.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' });
    }
  }
  return { batchItemFailures };
}
