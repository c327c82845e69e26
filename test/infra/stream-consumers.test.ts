import { Match } from 'aws-cdk-lib/assertions';
import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, test, vi } from 'vitest';
import { afterCommit } from '../../functions/after-commit/after-commit.ts';
import { fanOut } from '../../functions/fan-out/fan-out.ts';
import { consumersAmong } from '../../infra/aws/stream-consumer.ts';
import { functions } from '../../infra/functions.ts';
import { TOLD_ACTIONS } from '../../shared/events.ts';
import { newGuessNotice } from '../../shared/store/guess-notices.ts';
import { toAttributes } from '../../shared/store/table.ts';
import { named, resourcesOf, SYNTH_MILLISECONDS, templates } from './support.ts';

const all = templates();
const { service } = all;
const mappings = resourcesOf(all, 'AWS::Lambda::EventSourceMapping');
const alarms = resourcesOf(all, 'AWS::CloudWatch::Alarm');

describe.each(consumersAmong(functions))('$name', ({ name, trigger }) => {
  const mapping = mappings.find(({ Properties }) =>
    JSON.stringify(Properties.FunctionName).includes(`"${name.replaceAll('-', '')}Function`),
  );

  test('reports single failures, splits batches, and gives up in the end, to the dead letters', () => {
    expect(mapping?.Properties).toMatchObject({
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 20,
      MaximumRecordAgeInSeconds: 7200,
      StartingPosition: 'TRIM_HORIZON',
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [expect.stringMatching(/deadletters/), 'Arn'] } },
      },
    });
  });

  test('rings when something was given up, saying what it means and what to do', () => {
    const alarm = alarms.find(
      ({ Properties }) => Properties.AlarmName === `psa-accounts-dev-${name}-dead-letters`,
    );
    expect(alarm?.Properties).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
      AlarmActions: [{ Ref: expect.stringMatching(/Topic/) }],
    });
    expect(alarm?.Properties.AlarmDescription).toMatch(
      new RegExp(`Means: .*${trigger.deadLetters}.* Do: .+`),
    );
  });
});

test.each([
  [
    'after-commit',
    [
      {
        eventName: ['INSERT', 'MODIFY'],
        dynamodb: {
          NewImage: { type: { S: ['reset', 'notice', 'guess-notice'] }, outbox: { S: ['pending'] } },
        },
      },
      { eventName: ['REMOVE'], dynamodb: { OldImage: { type: { S: ['login'] } } } },
    ],
  ],
  [
    'fan-out',
    [
      { eventName: ['INSERT', 'MODIFY'], dynamodb: { NewImage: { type: { S: ['retired-credential'] } } } },
      { eventName: ['REMOVE'], dynamodb: { OldImage: { type: { S: ['retired-credential'] } } } },
      {
        eventName: ['INSERT'],
        dynamodb: {
          NewImage: { type: { S: ['audit'] }, outcome: { S: ['done'] }, action: { S: TOLD_ACTIONS } },
        },
      },
      {
        eventName: ['INSERT'],
        dynamodb: { NewImage: { type: { S: ['guess-notice'] }, outbox: { S: ['pending'] } } },
      },
    ],
  ],
])('%s is started for its own records only', (name, patterns) => {
  service.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    FunctionName: { Ref: Match.stringLikeRegexp(`^${name.replaceAll('-', '')}Function`) },
    FilterCriteria: { Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) },
  });
});

test('dead letters are encrypted and refuse plain HTTP', () => {
  const queues = resourcesOf(all, 'AWS::SQS::Queue');
  expect(queues).toHaveLength(5);
  for (const { Properties } of queues) expect(Properties.SqsManagedSseEnabled).toBe(true);
  service.allResourcesProperties('AWS::SQS::QueuePolicy', {
    PolicyDocument: Match.objectLike({
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      ]),
    }),
  });
});

test('a third reader of the stream is refused: DynamoDB would throttle all three', () => {
  const third = { ...named('after-commit'), name: 'third' };
  expect(() => consumersAmong([...functions, third])).toThrow('A DynamoDB stream serves 2 readers');
});

test(
  'alarms reach the address given, and no address by default',
  () => {
    expect(resourcesOf(all, 'AWS::SNS::Subscription')).toEqual([]);
    templates({ alarmEmail: 'ops@acme.example' }).service.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@acme.example',
    });
  },
  SYNTH_MILLISECONDS,
);

/** AWS's page on filters for DynamoDB says that `dynamodb` alone is heeded; its examples go by `eventName`, too. */
describe('where a filter heeds no eventName', () => {
  const touched = (image: Parameters<typeof toAttributes>[0]): DynamoDBRecord => {
    const attributes = toAttributes(image) as Record<string, { S: string }>;
    return {
      eventName: 'MODIFY',
      dynamodb: { SequenceNumber: '1', OldImage: attributes, NewImage: attributes },
    };
  };
  const none = () => {
    throw new Error('nothing is to be called');
  };

  test('a sign-in name that is changed is no failure of after-commit', async () => {
    const deps = { table: {} as never, sendMail: none, publicUrl: '', clock: none };
    expect(await afterCommit(deps)({ Records: [touched({ type: 'login' })] })).toEqual({
      batchItemFailures: [],
    });
  });

  test('a warning that is woken is not told once more by fan-out', async () => {
    const call = vi.fn(async () => ({ Entries: [{ EventId: 'e' }] }));
    const client = { call } as never;
    const work = fanOut({ client, poolId: 'p', bus: { client, name: 'b' } });
    const woken = touched(newGuessNotice({ tenant: 'acme-msp', employeeId: 109_025_578 }, new Date()));
    expect(await work({ Records: [woken] })).toEqual({ batchItemFailures: [] });
    expect(call).not.toHaveBeenCalled();
    await work({ Records: [{ ...woken, eventName: 'INSERT' }] });
    expect(call).toHaveBeenCalledOnce();
  });
});
