import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { FunctionDefinition } from '../functions.ts';
import { tableDefinition } from '../table-definition.ts';
import type { Alarms } from './alarms.ts';
import { ownMetric } from './metrics.ts';
import { inWords } from './schedule.ts';

type Kind = FunctionDefinition['trigger']['kind'];

export type Watched = {
  readonly stage: string;
  readonly functions: ReadonlyMap<string, IFunction>;
  readonly kinds: ReadonlyMap<string, Kind>;
  /** Names of those among them that the stream starts. */
  readonly consumers: readonly string[];
  /** Functions that are started at intervals. */
  readonly schedules: readonly { readonly name: string; readonly everyMinutes: number }[];
  readonly apiId: string;
  readonly table: TableV2;
};

const FIVE_MINUTES = Duration.minutes(5);
/** Intervals are kept to the minute, but not to the hour of the clock: one more, and one to spare. */
const HOURS_LATE = 2;
const SERVER_ERRORS_IN_FIVE_MINUTES = 5;
/** What is called a few times a day, and fails each time, never comes to that: a missing permission, a bad item. */
const HOURS_WITH_SERVER_ERRORS = { breaching: 3, of: 24 } as const;
const SLOW_MILLISECONDS = 5000;
/** Owners' requests are dropped when older than an hour; half of that leaves time to act. */
const STREAM_AGE_MINUTES = 30;
const REFUSED_TOKENS_IN_FIVE_MINUTES = 500;
/** SES reviews an account from 5 % bounces, and from 0.1 % complaints. */
const BOUNCE_RATE = 0.05;
const COMPLAINT_RATE = 0.001;

const PUT_ASIDE = 'what it was given is tried again, and put aside at last';
const ERRORS_MEAN: Readonly<Record<Kind, string>> = {
  http: 'it answers every fault that it knows of, so this is none of those',
  stream: PUT_ASIDE,
  'mail-events': PUT_ASIDE,
  schedule: 'it is not tried again, but put aside, and run anew when its time comes',
  'pre-token': 'the sign-ins that it was asked about got no token',
};

/** Every alarm but those of the dead letters. */
export function addServiceAlarms(alarms: Alarms, watched: Watched): void {
  for (const [name, lambda] of watched.functions) addFunctionAlarms(alarms, watched, name, lambda);
  addScheduleAlarms(alarms, watched);
  addApiAlarms(alarms, watched);
  addTokenAndMailAlarms(alarms, watched);
  alarms.add('table-throttles', {
    alarmName: `psa-accounts-${watched.stage}-table-throttles`,
    metric: throttledEvents(watched.table),
    threshold: 1,
    meaning:
      'DynamoDB throttled the table or an index: one partition took more than 1,000 writes or 3,000 reads a second; callers got 503.',
    remedy:
      'see in CloudWatch whether the table or which index, let Contributor Insights name the partition, and with it the tenant, and slow its client down.',
    section: 'alarm-table-throttles',
  });
}

/**
 * Whatever was throttled. ThrottledRequests counts the same by request and operation. Filled up with zeros: alarms on
 * metrics of DynamoDB keep their state where data are missing, and so would ring on for ever.
 */
function throttledEvents({ tableName }: TableV2): MathExpression {
  const places = [
    { id: 'table', dimensionsMap: { TableName: tableName } },
    ...tableDefinition.indexes.map(({ name }) => ({
      id: name,
      dimensionsMap: { TableName: tableName, GlobalSecondaryIndexName: name },
    })),
  ];
  const metrics = places.flatMap(({ id, dimensionsMap }) =>
    (['Read', 'Write'] as const).map((kind) => {
      const metricName = `${kind}ThrottleEvents`;
      return [
        `${id}${kind}s`,
        new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap, statistic: 'Sum' }),
      ] as const;
    }),
  );
  return new MathExpression({
    expression: 'SUM(FILL(METRICS(), 0))',
    usingMetrics: Object.fromEntries(metrics),
    label: 'Throttled reads and writes',
    period: FIVE_MINUTES,
  });
}

/** Nobody waits for a run by schedule, so that one that does not take place must ring by itself. */
function addScheduleAlarms(alarms: Alarms, { stage, functions, schedules }: Watched): void {
  for (const { name, everyMinutes } of schedules) {
    const lambda = functions.get(name);
    if (lambda === undefined) throw new Error(`${name} is not deployed`);
    const hours = Math.ceil(everyMinutes / 60) + HOURS_LATE;
    alarms.add(`${name}-missed`, {
      alarmName: `psa-accounts-${stage}-${name}-missed`,
      metric: lambda.metricInvocations({ period: Duration.hours(1) }),
      threshold: 1,
      below: true,
      periods: { breaching: hours, of: hours },
      meaning: `${name} did not run for ${hours} hours, though it is to run every ${inWords(everyMinutes)}; what it puts right piles up.`,
      remedy: `look whether the rule that starts it is there and enabled in EventBridge; until then run npm run reconcile with --repair.`,
      section: `alarm-${name}-missed`,
    });
  }
}

function errorsMean({ kinds }: Watched, name: string): string {
  const kind = kinds.get(name);
  if (kind === undefined) throw new Error(`${name} is not deployed`);
  return ERRORS_MEAN[kind];
}

function addFunctionAlarms(alarms: Alarms, watched: Watched, name: string, lambda: IFunction): void {
  const prefix = `psa-accounts-${watched.stage}-${name}`;
  alarms.add(`${name}-errors`, {
    alarmName: `${prefix}-errors`,
    metric: lambda.metricErrors({ period: FIVE_MINUTES }),
    threshold: 1,
    meaning: `${name} threw, timed out or did not start; ${errorsMean(watched, name)}.`,
    remedy: `read the log /aws/lambda/${prefix}; after a deployment, deploy the version before.`,
    section: 'alarm-errors',
  });
  alarms.add(`${name}-throttles`, {
    alarmName: `${prefix}-throttles`,
    metric: lambda.metricThrottles({ period: FIVE_MINUTES }),
    threshold: 1,
    meaning: `Lambda turned calls of ${name} away: the account ran out of concurrent executions.`,
    remedy: 'look for what else runs in this account and region, then ask AWS for a higher limit.',
    section: 'alarm-throttles',
  });
  if (!watched.consumers.includes(name)) return;
  alarms.add(`${name}-stream-age`, {
    alarmName: `${prefix}-stream-age`,
    metric: new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'IteratorAge',
      dimensionsMap: { FunctionName: lambda.functionName },
      statistic: 'Maximum',
      period: FIVE_MINUTES,
    }),
    threshold: Duration.minutes(STREAM_AGE_MINUTES).toMilliseconds(),
    meaning: `${name} is ${STREAM_AGE_MINUTES} minutes behind the table: what it does after a change is late.`,
    remedy: `read the log /aws/lambda/${prefix} for the record that fails over and over, and mend its cause.`,
    section: 'alarm-stream-age',
  });
}

function addApiAlarms(alarms: Alarms, { stage, apiId }: Watched): void {
  const metric = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiId: apiId, Stage: '$default' },
      statistic,
      period: FIVE_MINUTES,
    });
  alarms.add('api-5xx', {
    alarmName: `psa-accounts-${stage}-api-5xx`,
    metric: metric('5xx', 'Sum'),
    threshold: SERVER_ERRORS_IN_FIVE_MINUTES,
    meaning: 'Callers get 500 or 503: a fault of ours, or DynamoDB or Cognito is throttling or down.',
    remedy:
      'find the route in the access log, then request_failed in the log of its function, and check AWS Health.',
    section: 'alarm-api-5xx',
  });
  alarms.add('api-5xx-again', {
    alarmName: `psa-accounts-${stage}-api-5xx-again`,
    metric: metric('5xx', 'Sum').with({ period: Duration.hours(1) }),
    threshold: 1,
    periods: HOURS_WITH_SERVER_ERRORS,
    meaning: `In ${HOURS_WITH_SERVER_ERRORS.breaching} of the last ${HOURS_WITH_SERVER_ERRORS.of} hours a caller got 500 or 503: few calls, but again and again.`,
    remedy:
      'find the route in the access log, then request_failed or request_busy in the log of its function; after a deployment, look for a missing permission.',
    section: 'alarm-api-5xx',
  });
  alarms.add('api-latency', {
    alarmName: `psa-accounts-${stage}-api-latency`,
    metric: metric('Latency', 'p99'),
    threshold: SLOW_MILLISECONDS,
    periods: { breaching: 3, of: 5 },
    fewSamples: 'ignore',
    meaning: `One call in a hundred takes over ${SLOW_MILLISECONDS / 1000} seconds, and goes on to; clients begin to give up.`,
    remedy: 'look in X-Ray for the slow part: Cognito, the table, or cold starts.',
    section: 'alarm-api-latency',
  });
}

function addTokenAndMailAlarms(alarms: Alarms, { stage }: Watched): void {
  alarms.add('tokens-refused', {
    alarmName: `psa-accounts-${stage}-tokens-refused`,
    metric: ownMetric(stage, 'TokensRefused'),
    threshold: REFUSED_TOKENS_IN_FIVE_MINUTES,
    meaning: 'Many tokens are refused: somebody guesses passwords, or an integration runs on an old one.',
    remedy:
      'see the reasons on the dashboard, then the audit of the accounts; guesses are stopped by themselves.',
    section: 'alarm-tokens-refused',
  });
  alarms.add('events-dropped', {
    alarmName: `psa-accounts-${stage}-events-dropped`,
    metric: ownMetric(stage, 'EventsDropped'),
    threshold: 1,
    meaning:
      'A change was committed of which no event could be made: who waits for it on the event bus does not hear of it.',
    remedy: 'see event_dropped in the log of fan-out; the audit log has the change.',
    section: 'alarm-events-dropped',
  });
  alarms.add('reconcile-findings', {
    alarmName: `psa-accounts-${stage}-reconcile-findings`,
    metric: ownMetric(stage, 'ReconcileFindings'),
    threshold: 1,
    meaning:
      'The daily comparison of table and user pool found what it cannot put right by itself: accounts whose Cognito user is gone, counters that are wrong, or users made by hand.',
    remedy: 'run npm run reconcile, which lists them.',
    section: 'alarm-reconcile-findings',
  });
  alarms.add('reconcile-out-of-time', {
    alarmName: `psa-accounts-${stage}-reconcile-out-of-time`,
    metric: ownMetric(stage, 'ReconcileOutOfTime'),
    threshold: 1,
    meaning:
      'The daily comparison of table and user pool did not get through all companies; tomorrow it goes on where it stopped.',
    remedy:
      'run npm run reconcile with --repair, which gets through; if it stays, have the function run more often.',
    section: 'alarm-reconcile-out-of-time',
  });
  for (const [id, metricName, threshold, what, who] of [
    ['mail-bounces', 'Reputation.BounceRate', BOUNCE_RATE, 'bounces', 'mail_bounced with reason bounced'],
    [
      'mail-complaints',
      'Reputation.ComplaintRate',
      COMPLAINT_RATE,
      'is reported as spam',
      'mail_bounced with reason complained_of',
    ],
  ] as const) {
    alarms.add(id, {
      alarmName: `psa-accounts-${stage}-${id}`,
      metric: new Metric({
        namespace: 'AWS/SES',
        metricName,
        statistic: 'Maximum',
        period: Duration.hours(1),
      }),
      threshold,
      // SES writes it where mails are sent. https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
      seldom: true,
      meaning: `${threshold * 100} % of the mail of this account ${what}: AWS may stop its sending.`,
      remedy: `see ${who} in the log of mail-feedback, and when it began; employees with a mailProblem need another address, or none.`,
      section: 'alarm-mail-reputation',
    });
  }
}
