import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { MetricName } from '../../shared/metrics.ts';

export const METRICS_NAMESPACE = 'PsaAccounts';
export const serviceName = (stage: string) => `psa-accounts-${stage}`;

/** A metric that shared/metrics.ts writes, summed over its period. */
export function ownMetric(stage: string, metricName: MetricName, minutes = 5): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: serviceName(stage) },
    statistic: 'Sum',
    period: Duration.minutes(minutes),
  });
}
