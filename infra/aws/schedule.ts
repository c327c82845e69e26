import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { FunctionDefinition, Trigger } from '../functions.ts';

export function startOnSchedule(
  scope: Construct,
  { name, purpose }: FunctionDefinition,
  { everyHours, event, keptHours }: Extract<Trigger, { kind: 'schedule' }>,
  lambda: IFunction,
  deadLetterQueue: IQueue,
): void {
  new Rule(scope, `${name}-schedule`, {
    description: `${purpose}, every ${everyHours} hours`,
    schedule: Schedule.rate(Duration.hours(everyHours)),
    targets: [
      new LambdaFunction(lambda, {
        event: RuleTargetInput.fromObject(event),
        deadLetterQueue,
        maxEventAge: Duration.hours(keptHours),
      }),
    ],
  });
}
