import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

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

/** Namespace and service come from POWERTOOLS_METRICS_NAMESPACE and POWERTOOLS_SERVICE_NAME. */
const metrics = new Metrics();

/**
 * Written to the log at once, in CloudWatch's embedded metric format: no call of AWS. A reason is one of a short
 * list; nothing that people type is ever a dimension.
 */
function count(name: MetricName, dimensions: Readonly<Record<string, string>> = {}, value = 1): void {
  for (const [dimension, of] of Object.entries(dimensions)) metrics.addDimension(dimension, of);
  metrics.addMetric(name, MetricUnit.Count, value);
  metrics.publishStoredMetrics();
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
