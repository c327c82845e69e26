import { describe, expect, test } from 'vitest';
import { functions } from '../../infra/functions.ts';
import { callsOf } from './calls.ts';
import { named, resourcesOf, type Statement, statementsOf, templates } from './support.ts';

const all = templates();

const allowed = (statements: readonly Statement[]) =>
  statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action);

/** What Lambda itself does with the function's role. */
const PLATFORM = /^(logs|xray|sqs):|^dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)$/;

test('every function has a role of its own, and no policy stands beside it', () => {
  const roles = resourcesOf(all, 'AWS::Lambda::Function').map(({ Properties }) =>
    JSON.stringify(Properties.Role),
  );
  expect(new Set(roles).size).toBe(functions.length);
  expect(resourcesOf(all, 'AWS::IAM::Role')).toHaveLength(functions.length);
  expect(resourcesOf(all, 'AWS::IAM::Policy')).toEqual([]);
  for (const { Properties } of resourcesOf(all, 'AWS::IAM::Role')) {
    expect(Properties.ManagedPolicyArns).toBeUndefined();
  }
});

describe.each([...functions])('$name', (definition) => {
  const statements = statementsOf(all, definition.name);

  test('may do what its definition names and what Lambda does in its name, nothing else', () => {
    const streaming = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
    const expected = [
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      ...definition.table.map((action) => `dynamodb:${action}`),
      ...definition.userPool.map((action) => `cognito-idp:${action}`),
      ...(definition.sendsMail ? ['ses:SendEmail'] : []),
      ...(definition.publishesEvents ? ['events:PutEvents'] : []),
      ...(definition.trigger.kind === 'stream' ? streaming.map((action) => `dynamodb:${action}`) : []),
      ...('deadLetters' in definition.trigger ? ['sqs:SendMessage'] : []),
    ];
    expect(new Set(allowed(statements))).toEqual(new Set(expected));
  });

  test('is granted the very actions that its bundle calls, found in its code', async () => {
    const calls = await callsOf(definition);
    const granted = allowed(statements).filter((action) => !PLATFORM.test(action));
    expect([...new Set(granted)].sort()).toEqual(calls.actions);
    expect(definition.readsIndexes ?? false).toBe(calls.readsIndexes);
  });

  test('reads indexes only by Query and only if it says so', () => {
    const onIndexes = statements.filter(({ Resource }) => Resource.some((arn) => arn.includes('/index/')));
    expect(onIndexes.flatMap(({ Action }) => Action)).toEqual(
      definition.readsIndexes ? ['dynamodb:Query'] : [],
    );
  });

  test('names its resources, but for X-Ray and lists of streams, which have none, pools by tag, mail by sender', () => {
    const wild = statements.filter(
      ({ Effect, Resource }) => Effect === 'Allow' && Resource.some((arn) => arn.includes('*')),
    );
    const expected = [
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
      ...(definition.trigger.kind === 'stream' ? ['dynamodb:ListStreams'] : []),
      ...(definition.trigger.kind === 'pre-token' ? ['cognito-idp:ListUserPoolClients'] : []),
      ...(definition.sendsMail ? ['ses:SendEmail'] : []),
    ];
    expect(wild.flatMap(({ Action }) => Action).sort()).toEqual(expected.sort());
  });

  test('can neither change nor delete the audit', () => {
    const denied = statements.filter(({ Effect }) => Effect === 'Deny');
    expect(denied).toMatchObject([
      {
        Action: ['dynamodb:DeleteItem', 'dynamodb:UpdateItem'],
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['AUDIT#*'] } },
      },
      {
        Action: ['dynamodb:DeleteItem'],
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['THROTTLED#*'] } },
      },
    ]);
  });

  test('gets only the variables that its definition names', () => {
    const deployed = resourcesOf(all, 'AWS::Lambda::Function').find(
      ({ Properties }) => Properties.FunctionName === `psa-accounts-dev-${definition.name}`,
    );
    const { Variables = {} } = (deployed?.Properties.Environment ?? {}) as { Variables?: object };
    const everywhere = ['LOG_LEVEL', 'METRICS_NAMESPACE', 'SERVICE_NAME'];
    expect(Object.keys(Variables).sort()).toEqual([...definition.environment, ...everywhere].sort());
  });
});

/** IAM knows no resource of it: on the stream's own ARN it would be granted to nobody. */
test('who reads the stream may list streams, and may read that one alone', () => {
  for (const { name } of functions.filter(({ trigger }) => trigger.kind === 'stream')) {
    const on = (action: string) =>
      statementsOf(all, name)
        .filter(({ Action }) => Action.includes(`dynamodb:${action}`))
        .flatMap(({ Resource }) => Resource);
    expect(on('ListStreams')).toEqual(['*']);
    for (const action of ['DescribeStream', 'GetRecords', 'GetShardIterator']) {
      expect(on(action)).toEqual([expect.stringContaining('StreamArn')]);
    }
  }
});

test('a call planted in a function shows, a transaction by its parts', async () => {
  const planted = await callsOf({
    ...named('after-commit'),
    entry: 'test/infra/planted/handler.ts' as never,
  });
  expect(planted).toEqual({
    actions: [
      'cognito-idp:AdminDeleteUser',
      'dynamodb:ConditionCheckItem',
      'dynamodb:DeleteItem',
      'dynamodb:Query',
    ],
    readsIndexes: true,
  });
});

test('the trigger of the pool is held to pools of its stage by their tag', () => {
  const [grant] = statementsOf(all, 'token-claims').filter(({ Action }) =>
    Action.includes('cognito-idp:ListUserPoolClients'),
  );
  expect(grant?.Condition).toEqual({ StringEquals: { 'aws:ResourceTag/psa-accounts-stage': 'dev' } });
  all.stateful.hasResourceProperties('AWS::Cognito::UserPool', {
    UserPoolTags: { 'psa-accounts-stage': 'dev' },
  });
});

/**
 * SES asks for the permission on each verified identity that a mail touches: in the sandbox on the recipient's, and on
 * the sender's own address where that is verified beside its domain.
 */
test('mail leaves from the configured sender only, whatever identities SES asks about', () => {
  expect(named('after-commit').sendsMail).toBe(true);
  const [grant] = statementsOf(all, 'after-commit').filter(({ Action }) => Action.includes('ses:SendEmail'));
  expect(grant?.Condition).toEqual({ StringEquals: { 'ses:FromAddress': 'no-reply@psa.example' } });
  const resources = [...(grant?.Resource ?? [])].sort();
  expect(resources).toEqual([
    expect.stringContaining(':configuration-set/psa-accounts-dev'),
    expect.stringContaining(':identity/*'),
  ]);
});

test('every function runs on Node 24, arm64, traced, with a log of its own that is not kept for ever', () => {
  const deployed = resourcesOf(all, 'AWS::Lambda::Function');
  expect(deployed).toHaveLength(functions.length);
  for (const { Properties } of deployed) {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
    });
  }
  const logs = resourcesOf(all, 'AWS::Logs::LogGroup');
  expect(new Set(logs.map(({ Properties }) => Properties.LogGroupName)).size).toBe(functions.length + 1);
  for (const { Properties } of logs) expect(Properties.RetentionInDays).toBe(90);
});

test('token functions get issuer and keys of the very pool', () => {
  all.service.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'psa-accounts-dev-tokens',
    Environment: {
      Variables: { TOKEN_ISSUER: issuer(''), TOKEN_JWKS_URI: issuer('/.well-known/jwks.json') },
    },
  });
});

function issuer(suffix: string) {
  const [pool] = Object.keys(all.stateful.findResources('AWS::Cognito::UserPool'));
  const exported = Object.entries(all.stateful.toJSON().Outputs).find(
    ([, output]) =>
      JSON.stringify((output as { Value: unknown }).Value) === JSON.stringify({ Ref: pool }) &&
      'Export' in (output as object),
  );
  const name = (exported?.[1] as { Export: { Name: string } } | undefined)?.Export.Name;
  const parts = [
    'https://cognito-idp.',
    { Ref: 'AWS::Region' },
    '.',
    { Ref: 'AWS::URLSuffix' },
    '/',
    { 'Fn::ImportValue': name },
  ];
  return { 'Fn::Join': ['', suffix === '' ? parts : [...parts, suffix]] };
}
