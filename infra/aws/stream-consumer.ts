import { Duration, Validations } from 'aws-cdk-lib';
import { EventSourceMapping, FilterCriteria, type IFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionDefinition, Trigger } from '../functions.ts';
import { ALARM_PERIOD, type Alarms } from './alarms.ts';

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
const DEAD_LETTER_DAYS = 14;

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

/** A function whose failures are kept. */
type Failing = Pick<FunctionDefinition, 'name'> & { readonly trigger: { readonly deadLetters: string } };

/** Keeps what a consumer could not handle: of the stream, which records, not their contents. */
export class DeadLetters extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, definition: Failing, stage: string, alarms: Alarms) {
    super(scope, id);
    const { name, trigger } = definition;
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(DEAD_LETTER_DAYS),
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason:
        'This is a dead-letter queue: the destination of failures of an event source mapping or a rule, which cdk-nag does not see.',
    });
    alarms.add(`${name}-dead-letters`, {
      alarmName: `psa-accounts-${stage}-${name}-dead-letters`,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        period: ALARM_PERIOD,
        statistic: 'Maximum',
      }),
      threshold: 1,
      meaning: `${name} gave up: there are ${trigger.deadLetters}.`,
      remedy: `read the log /aws/lambda/psa-accounts-${stage}-${name} for the cause, mend it, send again what is pending, then purge the queue.`,
      section: 'alarm-dead-letters',
    });
  }
}

/** Starts the function for those records of the table's stream that its definition names. */
export function startFromStream(
  scope: Construct,
  definition: ConsumerDefinition,
  lambda: IFunction,
  streamArn: string,
  deadLetters: Queue,
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
