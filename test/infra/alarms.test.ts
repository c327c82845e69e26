import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { ALARMED_METRICS } from '../../infra/cli/cost-table.ts';
import { functions } from '../../infra/functions.ts';
import { tableDefinition } from '../../infra/table-definition.ts';
import {
  countDroppedEvent,
  countFindings,
  countMail,
  countOutOfTime,
  countToken,
  METRIC_NAMES,
} from '../../shared/metrics.ts';
import { readableName, resourcesOf, templates } from './support.ts';

const all = templates();
const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** What is watched, by which dimensions, and when it rings; missing data ring nothing unless it is said. */
type Row = readonly [metric: string, dimensions: string, rings: string];

const ofFunction = (name: string) => `FunctionName=psa-accounts-dev-${name}`;
const ownService = 'service=psa-accounts-dev';
const api = 'Stage=$default ApiId=psa-accounts-dev';

const EXPECTED: Readonly<Record<string, Row>> = {
  ...each(functions, (name) => ({
    [`${name}-errors`]: ['AWS/Lambda Errors', ofFunction(name), 'Sum of 300 s >= 1, 1 of 1'],
    [`${name}-throttles`]: ['AWS/Lambda Throttles', ofFunction(name), 'Sum of 300 s >= 1, 1 of 1'],
  })),
  ...each(
    functions.filter(({ trigger }) => trigger.kind === 'stream'),
    (name) => ({
      [`${name}-stream-age`]: [
        'AWS/Lambda IteratorAge',
        ofFunction(name),
        'Maximum of 300 s >= 1800000, 1 of 1',
      ],
    }),
  ),
  ...each(
    functions.filter(({ trigger }) => 'deadLetters' in trigger),
    (name) => ({
      [`${name}-dead-letters`]: [
        'AWS/SQS ApproximateNumberOfMessagesVisible',
        `QueueName=${name.replaceAll('-', '')}deadlettersQueue`,
        'Maximum of 60 s >= 1, 1 of 1',
      ],
    }),
  ),
  'api-5xx': ['AWS/ApiGateway 5xx', api, 'Sum of 300 s >= 5, 1 of 1'],
  'api-5xx-again': ['AWS/ApiGateway 5xx', api, 'Sum of 3600 s >= 1, 3 of 24'],
  'api-latency': ['AWS/ApiGateway Latency', api, 'p99 of 300 s >= 5000, 3 of 5, few samples: ignore'],
  'table-throttles': [
    'SUM(FILL(METRICS(), 0))',
    ['', ...tableDefinition.indexes.map(({ name }) => ` GlobalSecondaryIndexName=${name}`)]
      .flatMap((index) => [
        `AWS/DynamoDB ReadThrottleEvents TableName=Table${index}, Sum of 300 s`,
        `AWS/DynamoDB WriteThrottleEvents TableName=Table${index}, Sum of 300 s`,
      ])
      .sort()
      .join('; '),
    '>= 1, 1 of 1',
  ],
  'tokens-refused': ['PsaAccounts TokensRefused', ownService, 'Sum of 300 s >= 500, 1 of 1'],
  'reconcile-missed': [
    'AWS/Lambda Invocations',
    ofFunction('reconcile'),
    'Sum of 3600 s LessThanThreshold 1, 26 of 26, missing: breaching',
  ],
  'wake-mails-missed': [
    'AWS/Lambda Invocations',
    ofFunction('wake-mails'),
    'Sum of 3600 s LessThanThreshold 1, 3 of 3, missing: breaching',
  ],
  'reconcile-out-of-time': ['PsaAccounts ReconcileOutOfTime', ownService, 'Sum of 300 s >= 1, 1 of 1'],
  'events-dropped': ['PsaAccounts EventsDropped', ownService, 'Sum of 300 s >= 1, 1 of 1'],
  'reconcile-findings': ['PsaAccounts ReconcileFindings', ownService, 'Sum of 300 s >= 1, 1 of 1'],
  'mail-bounces': ['AWS/SES Reputation.BounceRate', '', 'Maximum of 3600 s >= 0.05, 1 of 1, missing: ignore'],
  'mail-complaints': [
    'AWS/SES Reputation.ComplaintRate',
    '',
    'Maximum of 3600 s >= 0.001, 1 of 1, missing: ignore',
  ],
};

const alarms = new Map(
  resourcesOf(all, 'AWS::CloudWatch::Alarm').map(({ Properties }) => [
    String(Properties.AlarmName).replace('psa-accounts-dev-', ''),
    Properties as Alarm,
  ]),
);

test('there is an alarm for each thing that must not go unseen, and no other', () => {
  expect([...alarms.keys()].sort()).toEqual(Object.keys(EXPECTED).sort());
});

test('docs/scaling.md counts what they cost by the metrics that they watch', () => {
  const watched = [...alarms.values()].map(({ Metrics }) => Metrics?.filter(({ MetricStat }) => MetricStat));
  expect(watched.reduce((sum, metrics) => sum + (metrics?.length ?? 1), 0)).toBe(ALARMED_METRICS);
});

test.each(Object.entries(EXPECTED))('%s watches %s', (name, row) => {
  expect(rowOf(alarms.get(name) ?? {})).toEqual(row);
});

test.each([...alarms])(
  '%s says what it means and what to do, leads to the runbook, and rings at the topic',
  (_, of) => {
    const description = String(of.AlarmDescription);
    const [, section = ''] = /^Means: .+ Do: .+ See docs\/operations\.md#(\S+)$/.exec(description) ?? [];
    expect(section).not.toBe('');
    expect(description.length).toBeLessThanOrEqual(1024);
    expect(headings(operations)).toContain(section);
    expect(of.AlarmActions).toEqual([{ Ref: expect.stringMatching(/Topic/) }]);
  },
);

test.each([
  ['tokens', 'answers every fault'],
  ['after-commit', 'tried again, and put aside'],
  ['mail-feedback', 'tried again, and put aside'],
  ['reconcile', 'not tried again, but put aside, and run anew when its time comes'],
  ['token-claims', 'got no token'],
])('the alarm for errors of %s says what they mean there', (name, words) => {
  expect(alarms.get(`${name}-errors`)?.AlarmDescription).toContain(words);
});

/** AWS/SQS and the like are AWS's to write; what stands in a namespace of ours must be written by us. */
test('every metric of ours is written, under the name that alarms and dashboard know it by', () => {
  const lines = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    countToken(undefined);
    countToken('credentials_wrong');
    for (const outcome of ['Sent', 'Failed', 'Dropped', 'Bounced', 'ComplainedOf'] as const)
      countMail(outcome);
    countDroppedEvent();
    countFindings(1);
    countOutOfTime();
    const written = lines.mock.calls.flatMap(([line]) => metricsIn(String(line)));
    expect([...new Set(written)].sort()).toEqual([...METRIC_NAMES].sort());
  } finally {
    lines.mockRestore();
  }
});

test('the functions write them under the namespace and service that alarms read', () => {
  for (const { Properties } of resourcesOf(all, 'AWS::Lambda::Function')) {
    expect(Properties.Environment).toMatchObject({
      Variables: {
        SERVICE_NAME: 'psa-accounts-dev',
        METRICS_NAMESPACE: 'PsaAccounts',
      },
    });
  }
  const [dashboard] = resourcesOf(all, 'AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard?.Properties.DashboardBody);
  const read = `${body} ${JSON.stringify(EXPECTED)}`;
  for (const name of METRIC_NAMES) expect(read).toMatch(new RegExp(`\\b${name}\\b`));
});

type Metric = {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
};
type Calculated = {
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: Metric; readonly Stat: string; readonly Period: number };
};
type Alarm = Readonly<Record<string, unknown>> &
  Partial<Metric> & { readonly Metrics?: readonly Calculated[] };

function each(
  definitions: typeof functions,
  rows: (name: string) => Record<string, Row>,
): Record<string, Row> {
  return Object.assign({}, ...definitions.map(({ name }) => rows(name)));
}

function rowOf(alarm: Alarm): Row {
  const { Namespace, MetricName, Metrics, Period, Statistic, ExtendedStatistic } = alarm;
  if (Metrics === undefined) {
    const statistic = `${Statistic ?? ExtendedStatistic} of ${Period} s`;
    return [`${Namespace} ${MetricName}`, dimensionsOf(alarm), `${statistic} ${conditionOf(alarm)}`];
  }
  const parts = Metrics.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [MetricStat]));
  return [
    Metrics.map(({ Expression = '' }) => Expression).join(''),
    parts
      .map(({ Metric, Stat, Period: seconds }) => {
        const { Namespace: namespace, MetricName: name } = Metric;
        return `${namespace} ${name} ${dimensionsOf(Metric)}, ${Stat} of ${seconds} s`;
      })
      .sort()
      .join('; '),
    conditionOf(alarm),
  ];
}

const dimensionsOf = ({ Dimensions = [] }: Pick<Metric, 'Dimensions'>) =>
  Dimensions.map(({ Name, Value }) => `${Name}=${readableName(all, Value)}`)
    .sort()
    .reverse()
    .join(' ');

function conditionOf(alarm: Alarm): string {
  const { ComparisonOperator, Threshold, EvaluationPeriods, EvaluateLowSampleCountPercentile: few } = alarm;
  const comparison = ComparisonOperator === 'GreaterThanOrEqualToThreshold' ? '>=' : ComparisonOperator;
  const points = `${alarm.DatapointsToAlarm ?? EvaluationPeriods} of ${EvaluationPeriods}`;
  const missing = alarm.TreatMissingData === 'notBreaching' ? '' : `, missing: ${alarm.TreatMissingData}`;
  return `${comparison} ${Threshold}, ${points}${few ? `, few samples: ${few}` : ''}${missing}`;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
function metricsIn(line: string): string[] {
  const { _aws } = JSON.parse(line) as { _aws: { CloudWatchMetrics: { Metrics: { Name: string }[] }[] } };
  return _aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
}

/** As GitHub makes addresses of headings. */
function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
