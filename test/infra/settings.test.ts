import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../infra/aws/settings.ts';
import { userPoolSettings } from '../../infra/user-pool-settings.ts';
import { deployment, newApp, resourcesOf, SYNTH_MILLISECONDS, statementsOf, templates } from './support.ts';

const CERTIFICATE = `arn:aws:acm:eu-west-1:123456789012:certificate/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`;
const read = (context: Record<string, unknown>) => readSettings(newApp(context).node, undefined);

test('defaults make a dev stage', () => {
  expect(read({})).toEqual({
    stage: 'dev',
    mailFrom: 'no-reply@psa.example',
    mailIdentity: 'create',
    mailConfigurationSet: 'psa-accounts-dev',
    logRetention: 90,
    logLevel: 'INFO',
  });
});

test('takes every value, as text or as number', () => {
  const given = { stage: 'prod', publicUrl: 'https://psa.acme.example', mailFrom: 'psa@acme.example' };
  const rest = {
    mailIdentity: 'existing',
    mailConfigurationSet: 'acme_PSA-1',
    alarmEmail: 'ops@acme.example',
  };
  const sizes = { logLevel: 'ERROR', accessTokenMinutes: 30, refreshTokenDays: 7, memoryMegabytes: 1024 };
  expect(read({ ...given, ...rest, ...sizes, logRetentionDays: 30 })).toEqual({
    ...given,
    ...rest,
    ...sizes,
    logRetention: 30,
  });
  expect(read({ domainName: 'psa.acme.example', certificateArn: CERTIFICATE })).toMatchObject({
    domain: { name: 'psa.acme.example', certificateArn: CERTIFICATE },
    publicUrl: 'https://psa.acme.example',
  });
  expect(read({ logRetentionDays: '365' }).logRetention).toBe(365);
});

describe('a wrong value is refused in one sentence', () => {
  test.each([
    ['stage', 'Prod', 'must be 1 to 12 lower-case letters'],
    ['stage', 'a-stage-too-long', 'must be 1 to 12 lower-case letters'],
    ['stage', 'prod-', 'a letter first and no hyphen last'],
    ['stage', '1prod', 'a letter first and no hyphen last'],
    ['stage', ['prod'], 'must be text'],
    ['publicUrl', 'http://psa.acme.example', 'must be an https origin'],
    ['publicUrl', 'https://psa.acme.example/', 'must be an https origin'],
    ['publicUrl', 'psa.acme.example', 'must be an https origin'],
    ['publicUrl', 'https://PSA.acme.example', 'in lower case'],
    ['publicUrl', 'https://psa.acme.example:443', 'without port 443 or a slash at its end'],
    ['mailFrom', 'PSA <no-reply@acme.example>', 'must be one mail address'],
    ['mailFrom', 'no-reply', 'must be one mail address'],
    ['mailFrom', '.psa@acme.example', 'must be one mail address'],
    ['mailFrom', 'psa..mail@acme.example', 'must be one mail address'],
    ['mailFrom', `${'x'.repeat(65)}@acme.example`, 'must be one mail address'],
    ['alarmEmail', 'ops.@acme.example', 'must be one mail address'],
    ['mailIdentity', 'shared', 'must be create or existing'],
    ['mailConfigurationSet', 'ours and theirs', 'must be 1 to 64 letters, digits, hyphens or underscores'],
    ['mailConfigurationSet', 'x'.repeat(65), 'must be 1 to 64 letters, digits, hyphens or underscores'],
    ['refreshTokenDays', 31, 'must be a whole number from 1 to 30'],
    ['refreshTokenDays', '0', 'must be a whole number from 1 to 30'],
    ['alarmEmail', 'ops@localhost', 'must be one mail address'],
    ['logRetentionDays', '91', 'must be one of 1, 3, 5'],
    ['logRetentionDays', 'forever', 'must be one of 1, 3, 5'],
    ['logLevel', 'verbose', 'must be one of INFO, ERROR'],
    ['domainName', 'https://psa.acme.example', 'must be a host name'],
    ['domainName', 'PSA.acme.example', 'must be a host name in lower case'],
    ['domainName', 'psa.acme.example', 'needs certificateArn beside it'],
    ['certificateArn', 'arn:aws:iam::123456789012:server-certificate/x', 'must be the ARN of a certificate'],
    ['certificateArn', CERTIFICATE, 'needs domainName beside it'],
    ['accessTokenMinutes', '61', 'must be a whole number from 5 to 60'],
    ['accessTokenMinutes', '2', 'must be a whole number from 5 to 60'],
    ['accessTokenMinutes', 'an hour', 'must be a whole number from 5 to 60'],
    ['memoryMegabytes', 64, 'must be a whole number from 128 to 3008'],
  ])('%s: %s', (name, value, sentence) => {
    expect(() => read({ [name]: value })).toThrow(sentence);
    expect(() => read({ [name]: value })).toThrow(/^Context value \w+ \(.*\) [^\n]+\.$/);
  });
});

test('the certificate must be of the region of the API, where that is known', () => {
  const node = newApp({ domainName: 'psa.acme.example', certificateArn: CERTIFICATE }).node;
  expect(() => readSettings(node, 'us-east-1')).toThrow(
    `Context value certificateArn (${CERTIFICATE}) is of eu-west-1, and this deployment goes to us-east-1: an API takes certificates of its own region only.`,
  );
  for (const region of ['eu-west-1', undefined]) expect(readSettings(node, region).domain).toBeDefined();
});

test('mailed links cannot point past the domain at which alone the API answers', () => {
  const domain = { domainName: 'psa.acme.example', certificateArn: CERTIFICATE };
  expect(() => read({ ...domain, publicUrl: 'https://other.acme.example' })).toThrow(
    'must be https://psa.acme.example or left out',
  );
});

test(
  'every option at once makes a second stage that cdk-nag has nothing against',
  () => {
    const { app } = deployment({
      stage: 'prod',
      mailFrom: 'no-reply@acme.example',
      mailIdentity: 'existing',
      mailConfigurationSet: 'acme-psa',
      alarmEmail: 'ops@acme.example',
      domainName: 'psa.acme.example',
      certificateArn: CERTIFICATE,
      logLevel: 'ERROR',
      logRetentionDays: 30,
      accessTokenMinutes: 30,
      refreshTokenDays: 7,
      memoryMegabytes: 1024,
    });
    expect(() => app.synth()).not.toThrow();
  },
  SYNTH_MILLISECONDS,
);

test('a stage that people use needs a sender of its own', () => {
  expect(() => read({ stage: 'prod' })).toThrow('is the placeholder; stage prod needs your sender');
});

test.each(['stag', 'alarm-email', 'mail_from', 'Stage', 'domain.name', '-stage'])(
  'a misspelt name is refused rather than ignored: %s',
  (name) => {
    expect(() => read({ [name]: 'prod' })).toThrow(
      `Context value ${name} is not known; known are stage, publicUrl`,
    );
  },
);

describe('what is chosen is what is deployed', () => {
  const chosen = templates({
    mailConfigurationSet: 'acme-psa',
    accessTokenMinutes: 30,
    refreshTokenDays: 7,
    memoryMegabytes: 1024,
    logRetentionDays: 30,
  });
  const properties = (type: string) => resourcesOf(chosen, type).map(({ Properties }) => Properties);

  test('the configuration set: its own name, its mails, their bounces', () => {
    expect(properties('AWS::SES::ConfigurationSet')).toMatchObject([{ Name: 'acme-psa' }]);
    const rules = properties('AWS::Events::Rule').filter(({ EventPattern }) => EventPattern);
    expect(rules).toMatchObject([
      { EventPattern: { detail: { mail: { tags: { 'ses:configuration-set': ['acme-psa'] } } } } },
    ]);
    chosen.service.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'psa-accounts-dev-after-commit',
      Environment: { Variables: Match.objectLike({ MAIL_CONFIGURATION_SET: 'acme-psa' }) },
    });
    const sends = statementsOf(chosen, 'after-commit').filter(({ Action }) =>
      Action.includes('ses:SendEmail'),
    );
    expect(sends[0]?.Resource.join(' ')).toContain(':configuration-set/acme-psa');
  });

  test('the lifetimes of tokens, of the client for callers alone', () => {
    const clients = properties('AWS::Cognito::UserPoolClient');
    expect(clients.find(({ ClientName }) => ClientName === 'api')).toMatchObject({
      AccessTokenValidity: 30,
      RefreshTokenValidity: 7,
    });
    expect(clients.find(({ ClientName }) => ClientName === 'gateway')).toMatchObject({
      AccessTokenValidity: userPoolSettings.clients.gateway.accessTokenMinutes,
      RefreshTokenValidity: userPoolSettings.clients.gateway.refreshTokenDays,
    });
  });

  test('memory and the lifetime of logs, of every function', () => {
    expect(new Set(properties('AWS::Lambda::Function').map(({ MemorySize }) => MemorySize))).toEqual(
      new Set([1024]),
    );
    const days = properties('AWS::Logs::LogGroup').map(({ RetentionInDays }) => RetentionInDays);
    expect(new Set(days)).toEqual(new Set([30]));
  });
});

describe('cdk.json', () => {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  const sentence = () => read({ nonesuch: 'x' });

  test('shows every value that a deployment may choose', () => {
    const [, list = ''] = thrownBy(sentence).match(/known are (.+)\.$/) ?? [];
    const ours = Object.keys(context).filter((name) => /^[A-Za-z]+$/.test(name));
    expect(ours.sort()).toEqual(list.split(', ').sort());
  });

  test('and holds the defaults: left out, nothing changes', () => {
    expect(read(context)).toEqual({ ...read({}), accessTokenMinutes: 60, refreshTokenDays: 30 });
    expect(userPoolSettings.clients.api).toMatchObject({ accessTokenMinutes: 60, refreshTokenDays: 30 });
  });
});

function thrownBy(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('every flag of the CDK is set, so that an upgrade changes nothing by itself and no synth complains', () => {
  const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
  const recommended = JSON.parse(
    readFileSync(
      createRequire(import.meta.url).resolve('aws-cdk-lib/recommended-feature-flags.json'),
      'utf8',
    ),
  );
  const chosen = {
    // This system is for the standard partition.
    '@aws-cdk/core:target-partitions': ['aws'],
    // A table that is in use cannot be replaced by mistake; docs/operations.md has the order in which it can.
    '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  };
  expect(context).toMatchObject({ ...recommended, ...chosen });
});

test('what the CDK itself keeps in the context is none of ours', () => {
  const theirs = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8')).context;
  const lookups = { 'availability-zones:account=123456789012:region=eu-west-1': ['eu-west-1a'] };
  expect(() => read({ ...theirs, ...lookups, 'acknowledged-issue-numbers': [1] })).not.toThrow();
});

/** Of options on and off, what one stage may have: each such stage stands beside each other in one account and region. */
const STAGES: readonly (readonly [stage: string, options: Record<string, unknown>])[] = [
  ['dev', {}],
  ['test2', {}],
  // Its name begins as another's does.
  ['test', { mailIdentity: 'existing', alarmEmail: 'ops@acme.example' }],
  ['prod', { domainName: 'psa.acme.example', certificateArn: CERTIFICATE, mailConfigurationSet: 'acme-psa' }],
];

test(
  'no two stages in one account share a name, whatever their options',
  () => {
    const owners = new Map<string, string>();
    const shared: string[] = [];
    for (const [stage, options] of STAGES) {
      for (const name of namesOf({ stage, mailFrom: `no-reply@${stage}.example`, ...options })) {
        if (owners.has(name)) shared.push(`${name}: ${owners.get(name)}, ${stage}`);
        owners.set(name, stage);
      }
    }
    expect(shared).toEqual([]);
  },
  SYNTH_MILLISECONDS,
);

/** Names of their own within something that has one: a client's in its pool, a stage's in its API, an alarm's metric. */
const NAMES_WITHIN = ['ClientName', 'StageName', 'MetricName', 'FilterName', 'IndexName'];

/** What CloudFormation is told to call things, of whatever kind: a kind that is new here is looked at, too. */
function namesOf(context: Record<string, unknown>): string[] {
  const { stateful, service } = deployment(context);
  const named = [stateful, service].flatMap((stack) =>
    Object.values(Template.fromStack(stack).toJSON().Resources as Record<string, Named>).flatMap(
      ({ Type, Properties = {} }) =>
        Object.entries(Properties)
          .filter(([key, value]) => isName(key) && typeof value === 'string')
          .map(([, value]) => `${Type} ${value}`),
    ),
  );
  return [stateful.stackName, service.stackName, ...named];
}

type Named = { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> };

const isName = (property: string) => /(?:Name|Identity)$/.test(property) && !NAMES_WITHIN.includes(property);
