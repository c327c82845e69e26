import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { FunctionDefinition, Trigger } from '../functions.ts';

/** `24 hours`, `15 minutes` */
export const inWords = (minutes: number): string =>
  minutes % 60 === 0 ? `${minutes / 60} hours` : `${minutes} minutes`;

export function startOnSchedule(
  scope: Construct,
  { name, purpose }: FunctionDefinition,
  { everyMinutes, event, keptHours }: Extract<Trigger, { kind: 'schedule' }>,
  lambda: IFunction,
  deadLetterQueue: IQueue,
): void {
  new Rule(scope, `${name}-schedule`, {
    description: `${purpose}, every ${inWords(everyMinutes)}`,
    schedule: Schedule.rate(Duration.minutes(everyMinutes)),
    targets: [
      new LambdaFunction(lambda, {
        event: RuleTargetInput.fromObject(event),
        deadLetterQueue,
        maxEventAge: Duration.hours(keptHours),
      }),
    ],
  });
}
