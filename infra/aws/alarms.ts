import { Aws, Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

export type AlarmProps = {
  readonly alarmName: string;
  readonly metric: IMetric;
  /** Rings from this value on; or, `below` it, when nothing is counted at all, too. */
  readonly threshold: number;
  readonly below?: true;
  /** What is written only now and then, and holds until it is written again: silence neither rings nor ends a ring. */
  readonly seldom?: true;
  /** How many of the last periods it takes; else the last alone. */
  readonly periods?: { readonly breaching: number; readonly of: number };
  /** A percentile of a handful of calls is their slowest, which is not what it stands for. */
  readonly fewSamples?: 'ignore';
  /** What it means when this rings, to somebody woken by it. */
  readonly meaning: string;
  /** What to do about it, first step first. */
  readonly remedy: string;
  /** Heading of docs/operations.md that says more, as in its address. */
  readonly section: string;
};

/** Where alarms ring. Every alarm is made here, so that none goes without a meaning and a remedy. */
export class Alarms extends Construct {
  private readonly topic: Topic;

  constructor(scope: Construct, id: string, email: string | undefined) {
    super(scope, id);
    // Not encrypted with the AWS-managed key: its policy keeps CloudWatch from publishing. Alarms hold no secrets.
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });
    this.topic.grantPublish(
      new ServicePrincipal('cloudwatch.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    if (email !== undefined) this.topic.addSubscription(new EmailSubscription(email));
  }

  add(id: string, props: AlarmProps): Alarm {
    const { alarmName, metric, threshold, below, periods, fewSamples, meaning, remedy, section } = props;
    const alarm = new Alarm(this, id, {
      alarmName,
      metric,
      threshold,
      comparisonOperator: below
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods?.of ?? 1,
      ...(periods && { datapointsToAlarm: periods.breaching }),
      ...(fewSamples && { evaluateLowSampleCountPercentile: fewSamples }),
      treatMissingData: silenceOf(props),
      alarmDescription: `Means: ${meaning} Do: ${remedy} See docs/operations.md#${section}`,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }
}

function silenceOf({ below, seldom }: Pick<AlarmProps, 'below' | 'seldom'>): TreatMissingData {
  if (seldom) return TreatMissingData.IGNORE;
  return below ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING;
}

export const ALARM_PERIOD = Duration.minutes(1);
