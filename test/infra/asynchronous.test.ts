import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { resourcesOf, statementsOf, templates } from './support.ts';

const all = templates();
const { service } = all;
const deadLetterQueue = (name: string) => new RegExp(`^${name.replaceAll('-', '')}deadletters`);
const arnOf = (logicalId: RegExp) => ({ 'Fn::GetAtt': [expect.stringMatching(logicalId), 'Arn'] });

/** Lambda keeps an event of these in a queue of its own: what is not said here ends after two tries, unseen. */
describe.each([
  { name: 'mail-feedback', retries: 2, hours: 6 },
  { name: 'reconcile', retries: 0, hours: 1 },
  { name: 'wake-mails', retries: 0, hours: 1 },
])('$name', ({ name, retries, hours }) => {
  const [settings, ...more] = resourcesOf(all, 'AWS::Lambda::EventInvokeConfig').filter(({ Properties }) =>
    JSON.stringify(Properties.FunctionName).includes(`"${name.replaceAll('-', '')}Function`),
  );

  test('is tried again as often as is good, then goes to the dead letters', () => {
    expect(more).toEqual([]);
    expect(settings?.Properties).toEqual({
      FunctionName: { Ref: expect.stringMatching(/Function/) },
      Qualifier: '$LATEST',
      MaximumRetryAttempts: retries,
      MaximumEventAgeInSeconds: hours * 3600,
      DestinationConfig: { OnFailure: { Destination: arnOf(deadLetterQueue(name)) } },
    });
  });

  test('may write to its own dead letters only', () => {
    const grants = statementsOf(all, name).filter(({ Action }) => Action.includes('sqs:SendMessage'));
    expect(grants).toHaveLength(1);
    expect(grants[0]?.Resource).toEqual([
      expect.stringMatching(new RegExp(`"${name.replaceAll('-', '')}deadletters`)),
    ]);
  });

  test('has what EventBridge could not hand over among its dead letters, too', () => {
    const rules = resourcesOf(all, 'AWS::Events::Rule').filter(({ Properties }) =>
      JSON.stringify(Properties.Targets).includes(`"${name.replaceAll('-', '')}Function`),
    );
    expect(rules.map(({ Properties }) => Properties.Targets)).toEqual([
      [expect.objectContaining({ DeadLetterConfig: { Arn: arnOf(deadLetterQueue(name)) } })],
    ]);
    service.hasResourceProperties('AWS::SQS::QueuePolicy', {
      Queues: [{ Ref: Match.stringLikeRegexp(deadLetterQueue(name).source) }],
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sqs:SendMessage',
            Principal: { Service: 'events.amazonaws.com' },
          }),
        ]),
      }),
    });
  });

  test('rings when something was given up', () => {
    service.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: `psa-accounts-dev-${name}-dead-letters`,
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
    });
  });
});
