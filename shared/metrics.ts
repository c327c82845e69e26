import { writeLine } from './log.ts';

/** What is counted. Alarms and the dashboard take their names from here, so that none waits for what nobody counts. */
export const METRIC_NAMES = [
  'TokensIssued',
  'TokensRefused',
  'TokensRefusedByReason',
  'MailsSent',
  'MailsFailed',
  'MailsDropped',
  'MailsBounced',
  'MailsComplainedOf',
  'EventsDropped',
  'ReconcileFindings',
  'ReconcileOutOfTime',
] as const;
export type MetricName = (typeof METRIC_NAMES)[number];

/**
 * Written to the log at once, in CloudWatch's embedded metric format: no call of AWS. A reason is one of a short
 * list; nothing that people type is ever a dimension.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function count(name: MetricName, besides: Readonly<Record<string, string>> = {}, value = 1): void {
  const { METRICS_NAMESPACE: Namespace, SERVICE_NAME: service } = process.env;
  const dimensions = { service, ...besides };
  const directive = {
    Namespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: [{ Name: name, Unit: 'Count' }],
  };
  writeLine({
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
    ...dimensions,
    [name]: value,
  });
}

export function countToken(refusedFor: string | undefined): void {
  if (refusedFor === undefined) {
    count('TokensIssued');
  } else {
    count('TokensRefused');
    count('TokensRefusedByReason', { reason: refusedFor });
  }
}

export function countMail(outcome: 'Sent' | 'Failed' | 'Dropped' | 'Bounced' | 'ComplainedOf'): void {
  count(`Mails${outcome}`);
}

/** A record of the stream that no event can be made of. */
export function countDroppedEvent(): void {
  count('EventsDropped');
}

/** What a reconciliation found and cannot put right by itself. */
export function countFindings(findings: number): void {
  count('ReconcileFindings', {}, findings);
}

/** A daily reconciliation stopped before its last company; the next goes on. */
export function countOutOfTime(): void {
  count('ReconcileOutOfTime');
}
