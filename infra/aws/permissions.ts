import { Aws, Fn } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AUDIT_PREFIX, THROTTLED_PREFIX } from '../../shared/store/keys.ts';
import type { FunctionDefinition } from '../functions.ts';
import { tableDefinition } from '../table-definition.ts';

/** The resources that a function's definition speaks of, as ARNs. */
export type GrantedResources = {
  readonly tableArn: string;
  readonly logGroupArn: string;
  /** `tag`: the pools to allow are those with this value of STAGE_TAG. */
  readonly userPool: { readonly arn: string; readonly tag?: string };
  /** For functions that send mail. */
  readonly mail?: {
    readonly identitiesArn: string;
    readonly configurationSetArn: string;
    readonly from: string;
  };
  /** For functions that publish events. */
  readonly eventBusArn?: string;
  /** For functions whose failures are kept. */
  readonly deadLetterQueueArn?: string;
  /** For functions that a stream starts. */
  readonly streamArn?: string;
};

/**
 * The pool names its pre-token trigger, so that trigger's role cannot name the pool: neither could be made first.
 * Its role says "any pool with this tag" instead.
 */
export const STAGE_TAG = 'psa-accounts-stage';
export const ANY_USER_POOL = `arn:${Aws.PARTITION}:cognito-idp:${Aws.REGION}:${Aws.ACCOUNT_ID}:userpool/*`;

const AUDIT_PARTITIONS = `${AUDIT_PREFIX}*`;
/** They are updated, never deleted. */
const THROTTLED_PARTITIONS = `${THROTTLED_PREFIX}*`;

/** All that the function may do, and nothing that its definition does not name. */
export function grantsOf(definition: FunctionDefinition, resources: GrantedResources): PolicyStatement[] {
  return [
    ...platformGrants(definition, resources),
    ...tableGrants(definition, resources.tableArn),
    ...userPoolGrants(definition, resources.userPool),
    ...mailGrants(definition, resources),
    ...eventGrants(definition, resources),
    ...auditStays(resources.tableArn),
  ];
}

/** What Lambda itself does in the function's name: write its log, send its trace, read its stream, keep failures. */
function platformGrants(
  { name, trigger }: FunctionDefinition,
  resources: GrantedResources,
): PolicyStatement[] {
  const grants = [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [resources.logGroupArn]),
    // X-Ray has no resources to name.
    allow(['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], ['*']),
  ];
  if (trigger.kind === 'stream') {
    if (resources.streamArn === undefined) throw new Error(`${name}: a stream consumer without a stream`);
    const reads = ['DescribeStream', 'GetRecords', 'GetShardIterator'];
    grants.push(
      allow(
        reads.map((action) => `dynamodb:${action}`),
        [resources.streamArn],
      ),
      // Lambda wants it of whoever reads a stream, and IAM grants it on no single one (AWS service authorization).
      allow(['dynamodb:ListStreams'], ['*']),
    );
  }
  if ('deadLetters' in trigger) {
    if (resources.deadLetterQueueArn === undefined) throw new Error(`${name}: no queue for its dead letters`);
    grants.push(allow(['sqs:SendMessage'], [resources.deadLetterQueueArn]));
  }
  return grants;
}

function tableGrants(definition: FunctionDefinition, tableArn: string): PolicyStatement[] {
  if (definition.table.length === 0) return [];
  const grants = [
    allow(
      definition.table.map((action) => `dynamodb:${action}`),
      [tableArn],
    ),
  ];
  if (definition.readsIndexes) {
    const indexArns = tableDefinition.indexes.map(({ name }) => Fn.join('', [tableArn, '/index/', name]));
    grants.push(allow(['dynamodb:Query'], indexArns));
  }
  return grants;
}

function userPoolGrants(
  definition: FunctionDefinition,
  { arn, tag }: GrantedResources['userPool'],
): PolicyStatement[] {
  if (definition.userPool.length === 0) return [];
  const actions = definition.userPool.map((action) => `cognito-idp:${action}`);
  if (tag === undefined) return [allow(actions, [arn])];
  return [allow(actions, [arn], { StringEquals: { [`aws:ResourceTag/${STAGE_TAG}`]: tag } })];
}

function mailGrants({ name, sendsMail }: FunctionDefinition, { mail }: GrantedResources): PolicyStatement[] {
  if (!sendsMail) return [];
  if (mail === undefined) throw new Error(`${name}: sends mail, but no identity was given`);
  return [
    allow(['ses:SendEmail'], [mail.identitiesArn, mail.configurationSetArn], {
      StringEquals: { 'ses:FromAddress': mail.from },
    }),
  ];
}

function eventGrants(
  { name, publishesEvents }: FunctionDefinition,
  { eventBusArn }: GrantedResources,
): PolicyStatement[] {
  if (!publishesEvents) return [];
  if (eventBusArn === undefined) throw new Error(`${name}: publishes events, but no bus was given`);
  return [allow(['events:PutEvents'], [eventBusArn])];
}

/**
 * ForAllValues, as AWS writes it for LeadingKeys: a transaction that changes an employee and adds its audit
 * record passes either way its keys are presented. Update and delete always name a key, so it is never empty.
 */
function auditStays(tableArn: string): PolicyStatement[] {
  const deny = (actions: string[], partitions: string) =>
    new PolicyStatement({
      effect: Effect.DENY,
      actions,
      resources: [tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [partitions] } },
    });
  return [
    deny(['dynamodb:UpdateItem', 'dynamodb:DeleteItem'], AUDIT_PARTITIONS),
    deny(['dynamodb:DeleteItem'], THROTTLED_PARTITIONS),
  ];
}

function allow(
  actions: string[],
  resources: string[],
  conditions?: Record<string, Record<string, string>>,
): PolicyStatement {
  return new PolicyStatement({ actions, resources, ...(conditions === undefined ? {} : { conditions }) });
}
