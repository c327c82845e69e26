import { Duration } from 'aws-cdk-lib';
import { EventInvokeConfig, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Trigger } from '../functions.ts';

export type AsynchronousTrigger = Extract<Trigger, { readonly retries: number }>;

/**
 * What becomes of an event that the function does not manage. A rule's own dead letters hold only what EventBridge
 * could not hand over to Lambda; all that fails afterwards is Lambda's to keep, which without this drops it.
 */
export function keepFailures(
  scope: Construct,
  name: string,
  { retries, keptHours }: AsynchronousTrigger,
  lambda: IFunction,
  deadLetters: IQueue,
): void {
  new EventInvokeConfig(scope, `${name}-failures`, {
    function: lambda,
    retryAttempts: retries,
    maxEventAge: Duration.hours(keptHours),
    onFailure: new SqsDestination(deadLetters),
  });
}
