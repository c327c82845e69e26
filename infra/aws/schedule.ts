import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionDefinition, Trigger } from '../functions.ts';

/** A run that fails is told by the function's errors; the next one does its work too, so nothing is kept. */
export function startOnSchedule(
  scope: Construct,
  { name, purpose }: FunctionDefinition,
  { everyHours, event }: Extract<Trigger, { kind: 'schedule' }>,
  lambda: IFunction,
): void {
  new Rule(scope, `${name}-schedule`, {
    description: `${purpose}, every ${everyHours} hours`,
    schedule: Schedule.rate(Duration.hours(everyHours)),
    targets: [new LambdaFunction(lambda, { event: RuleTargetInput.fromObject(event), retryAttempts: 1 })],
  });
}
