import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

const RETRY_HOURS = 24;

/** Starts the function for the bounces and complaints of this stage's mails alone. */
export function startFromMailEvents(
  scope: Construct,
  lambda: IFunction,
  configurationSet: string,
  deadLetterQueue: IQueue,
): void {
  new Rule(scope, 'MailFeedback', {
    description: 'Bounces and complaints, to mail-feedback',
    eventPattern: {
      source: ['aws.ses'],
      detailType: ['Email Bounced', 'Email Complaint Received'],
      detail: { mail: { tags: { 'ses:configuration-set': [configurationSet] } } },
    },
    targets: [new LambdaFunction(lambda, { deadLetterQueue, maxEventAge: Duration.hours(RETRY_HOURS) })],
  });
}
