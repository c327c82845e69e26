import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { MetricName } from '../../shared/metrics.ts';
import { METRICS_NAMESPACE, ownMetric, serviceName } from './metrics.ts';
import type { Watched } from './service-alarms.ts';

const PERIOD = Duration.minutes(5);
const WIDTH = 12;

/** One page to look at first: what callers get, tokens, mails, functions, table. */
export function addDashboard(scope: Construct, watched: Watched): void {
  const { stage, functions, consumers, apiId, table } = watched;
  const api = (metricName: string, statistic: string) =>
    new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      dimensionsMap: { ApiId: apiId, Stage: '$default' },
      statistic,
      period: PERIOD,
    });
  const own = (...names: readonly MetricName[]) => names.map((name) => ownMetric(stage, name));
  const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: WIDTH });
  const lambdas = [...functions];
  new Dashboard(scope, 'Dashboard', {
    dashboardName: serviceName(stage),
    widgets: [
      [
        graph('Calls', [api('Count', 'Sum'), api('4xx', 'Sum'), api('5xx', 'Sum')]),
        graph('Latency, ms', [api('Latency', 'p50'), api('Latency', 'p99')]),
      ],
      [
        graph('Tokens', own('TokensIssued', 'TokensRefused')),
        graph('Tokens refused, by reason', [refusedByReason(stage)]),
      ],
      [
        graph('Mails', own('MailsSent', 'MailsFailed', 'MailsDropped', 'MailsBounced', 'MailsComplainedOf')),
        graph(
          'Behind the stream, ms',
          lambdas
            .filter(([name]) => consumers.includes(name))
            .map(([, lambda]) => lambda.metric('IteratorAge', { statistic: 'Maximum', period: PERIOD })),
        ),
      ],
      [
        graph(
          'Errors',
          lambdas.map(([, lambda]) => lambda.metricErrors({ period: PERIOD })),
        ),
        graph(
          'Duration, p99, ms',
          lambdas.map(([, lambda]) => lambda.metricDuration({ statistic: 'p99', period: PERIOD })),
        ),
      ],
      [
        graph('Table: capacity', [
          table.metricConsumedReadCapacityUnits({ period: PERIOD }),
          table.metricConsumedWriteCapacityUnits({ period: PERIOD }),
        ]),
        graph(
          'Concurrent executions',
          lambdas.map(([, lambda]) =>
            lambda.metric('ConcurrentExecutions', { statistic: 'Maximum', period: PERIOD }),
          ),
        ),
      ],
    ],
  });
}

/** The reasons are found by CloudWatch: a new one needs nothing here. */
function refusedByReason(stage: string): MathExpression {
  const name: MetricName = 'TokensRefusedByReason';
  const search = `{${METRICS_NAMESPACE},reason,service} MetricName="${name}" service="${serviceName(stage)}"`;
  return new MathExpression({ expression: `SEARCH('${search}', 'Sum', 300)`, label: '', period: PERIOD });
}
