import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FunctionDefinition, Trigger } from '../functions.ts';
import { ALARM_PERIOD, type Alarms } from './alarms.ts';

/** A function whose failures nobody waits for, so that they are kept. */
export type UnattendedDefinition = FunctionDefinition & {
  readonly trigger: Extract<Trigger, { readonly deadLetters: string }>;
};

export function isUnattended(definition: FunctionDefinition): definition is UnattendedDefinition {
  return 'deadLetters' in definition.trigger;
}

const DEAD_LETTER_DAYS = 14;

/** Keeps what a function could not handle: of the stream, which records, not their contents; of the rest, the event. */
export class DeadLetters extends Construct {
  readonly queue: Queue;

  constructor(
    scope: Construct,
    id: string,
    { name, trigger }: UnattendedDefinition,
    stage: string,
    alarms: Alarms,
  ) {
    super(scope, id);
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(DEAD_LETTER_DAYS),
    });
    Validations.of(this.queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason:
        'This is a dead-letter queue: the destination of failures of an event source mapping, a function or a rule, which cdk-nag does not see.',
    });
    alarms.add(`${name}-dead-letters`, {
      alarmName: `psa-accounts-${stage}-${name}-dead-letters`,
      metric: this.queue.metricApproximateNumberOfMessagesVisible({
        period: ALARM_PERIOD,
        statistic: 'Maximum',
      }),
      threshold: 1,
      meaning: `${name} gave up: there are ${trigger.deadLetters}.`,
      remedy: `read the log /aws/lambda/psa-accounts-${stage}-${name} for the cause, mend it, make up for what was given up as that page says under Dead letters, and purge the queue last.`,
      section: 'alarm-dead-letters',
    });
  }
}
