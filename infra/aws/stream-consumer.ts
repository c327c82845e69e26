import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, type IFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { FunctionDefinition, Trigger } from '../functions.ts';

type StreamTrigger = Extract<Trigger, { kind: 'stream' }>;
type StreamFilter = StreamTrigger['filters'][number];

/** A definition whose function is started by the table's stream. */
export type ConsumerDefinition = FunctionDefinition & { readonly trigger: StreamTrigger };

/** DynamoDB throttles a stream's shards when more than two readers poll them. */
const STREAM_READERS_MAX = 2;
const BATCH_SIZE = 10;
/** A failing record holds up its shard, so it is given up after these; what is pending in the table is sent again. */
const RETRIES = 20;
const RECORD_AGE_HOURS = 2;

export function consumersAmong(functions: readonly FunctionDefinition[]): ConsumerDefinition[] {
  const consumers = functions.filter(
    (definition) => definition.trigger.kind === 'stream',
  ) as ConsumerDefinition[];
  if (consumers.length > STREAM_READERS_MAX) {
    const names = consumers.map(({ name }) => name).join(', ');
    throw new Error(
      `A DynamoDB stream serves ${STREAM_READERS_MAX} readers; ${names} are more. Join two of them.`,
    );
  }
  return consumers;
}

/** Starts the function for those records of the table's stream that its definition names. */
export function startFromStream(
  scope: Construct,
  definition: ConsumerDefinition,
  lambda: IFunction,
  streamArn: string,
  deadLetters: IQueue,
): void {
  new EventSourceMapping(scope, `${definition.name}-from-stream`, {
    target: lambda,
    eventSourceArn: streamArn,
    // From the oldest record kept: what was written while the mapping was being made is not lost.
    startingPosition: StartingPosition.TRIM_HORIZON,
    filters: definition.trigger.filters
      .flatMap(streamPatterns)
      .map((pattern) => FilterCriteria.filter(pattern)),
    batchSize: BATCH_SIZE,
    reportBatchItemFailures: true,
    bisectBatchOnError: true,
    retryAttempts: RETRIES,
    maxRecordAge: Duration.hours(RECORD_AGE_HOURS),
    onFailure: new SqsDlq(deadLetters),
  });
}

/** A removed item is known by its old image, any other by its new one: hence two patterns where both are wanted. */
function streamPatterns({ eventNames, attributes }: StreamFilter) {
  const written = eventNames.filter((eventName) => eventName !== 'REMOVE');
  const removed = eventNames.filter((eventName) => eventName === 'REMOVE');
  const image = Object.fromEntries(
    Object.entries(attributes).map(([name, values]) => [name, { S: [...values] }]),
  );
  return [
    ...(written.length > 0 ? [{ eventName: written, dynamodb: { NewImage: image } }] : []),
    ...(removed.length > 0 ? [{ eventName: removed, dynamodb: { OldImage: image } }] : []),
  ];
}
