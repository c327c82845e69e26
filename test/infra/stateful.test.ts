import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { userPoolSettings } from '../../infra/user-pool-settings.ts';
import { deployment, resourcesOf, SYNTH_MILLISECONDS, templates } from './support.ts';

const all = templates();
const { stateful } = all;
const TABLE = 'AWS::DynamoDB::GlobalTable';
const POOL = 'AWS::Cognito::UserPool';
const CLIENT = 'AWS::Cognito::UserPoolClient';
const SENDER = 'AWS::SES::EmailIdentity';
const CERTIFICATE = `arn:aws:acm:eu-west-1:123456789012:certificate/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`;

test('the stateful stack cannot be deleted by mistake, the other can', () => {
  const { stateful: kept, service } = deployment();
  expect([kept.terminationProtection, service.terminationProtection]).toEqual([true, false]);
});

test.each([TABLE, POOL, CLIENT])('%s outlives its stack', (type) => {
  for (const resource of resourcesOf(all, type)) {
    expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  }
});

test('the sender outlives its stack, too, unless it is its first creation that fails: its name is taken then', () => {
  expect(resourcesOf(all, SENDER)).toMatchObject([
    {
      Properties: { EmailIdentity: 'psa.example', DkimAttributes: { SigningEnabled: true } },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    },
  ]);
  const outputs = Object.values(stateful.findOutputs('*')).map(({ Description }) => Description);
  expect(outputs.filter((text) => text === 'DNS record to publish before mails can leave')).toHaveLength(3);
});

test('what a person has to do something with is printed under the name that docs/operations.md has for it', () => {
  const domain = { domainName: 'psa.acme.example', certificateArn: CERTIFICATE };
  const own = templates(domain);
  const printed = [own.stateful, own.service].flatMap((template) =>
    Object.entries(template.findOutputs('*'))
      .filter(([, output]) => !('Export' in output))
      .map(([name]) => name),
  );
  expect(printed.sort()).toEqual([
    'ApiEndpoint',
    'Dkim1',
    'Dkim2',
    'Dkim3',
    'DomainTarget',
    'EventBusName',
    'PublicUrl',
    'TableName',
    'UserPoolId',
  ]);
});

test('what a failed first creation leaves behind is in nobody’s way: it has no name that is taken then', () => {
  const left = Object.values(stateful.toJSON().Resources as Record<string, Left>).filter(
    ({ DeletionPolicy }) => DeletionPolicy === 'Retain',
  );
  expect(left.map(({ Type }) => Type).sort()).toEqual([POOL, CLIENT, CLIENT, TABLE]);
  for (const { Properties } of left) expect(Properties).not.toHaveProperty('TableName');
});

test('the service stack leaves nothing behind: it can be destroyed and deployed again', () => {
  const resources = Object.values(all.service.toJSON().Resources as Record<string, Left>);
  expect(resources.filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete')).toEqual([]);
});

test(
  'a second stage of the same sender makes no second identity',
  () => {
    const second = templates({ stage: 'test', mailFrom: 'no-reply@acme.example', mailIdentity: 'existing' });
    expect(resourcesOf(second, SENDER)).toEqual([]);
  },
  SYNTH_MILLISECONDS,
);

type Left = {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
};

test.each([TABLE, POOL, CLIENT, SENDER])('%s stands in the stateful stack only', (type) => {
  expect(resourcesOf(all, type).length).toBeGreaterThan(0);
  expect(Object.keys(all.service.findResources(type))).toEqual([]);
});

test.each([
  ['expires items', { TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } }],
  ['streams new and old images', { StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' } }],
  ['is encrypted by KMS', { SSESpecification: { SSEEnabled: true, SSEType: 'KMS' } }],
  ['is paid on demand', { BillingMode: 'PAY_PER_REQUEST' }],
  [
    'can be restored to a point in time and not be deleted',
    {
      Replicas: [
        Match.objectLike({
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ],
    },
  ],
  [
    'has its indexes, those by name compact',
    {
      GlobalSecondaryIndexes: [
        Match.objectLike({
          IndexName: 'byName',
          Projection: {
            ProjectionType: 'INCLUDE',
            NonKeyAttributes: Match.arrayWith(['userName', 'emailAddress', 'roleIds']),
          },
        }),
        Match.objectLike({
          IndexName: 'peopleByName',
          Projection: {
            ProjectionType: 'INCLUDE',
            NonKeyAttributes: Match.arrayWith(['userName', 'emailAddress', 'jobTitle']),
          },
        }),
        Match.objectLike({ IndexName: 'bySubject', Projection: { ProjectionType: 'ALL' } }),
      ],
    },
  ],
])('the table %s', (_what, properties) => {
  stateful.hasResourceProperties(TABLE, properties);
});

test.each([
  ['lets nobody sign up', { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } }],
  [
    'recovers no password by itself',
    { AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] } },
  ],
  ['knows users by name only', { AliasAttributes: Match.absent(), UsernameAttributes: Match.absent() }],
  ['verifies no address', { AutoVerifiedAttributes: Match.absent() }],
  ['tells user names apart by case', { UsernameConfiguration: { CaseSensitive: true } }],
  ['offers TOTP and nothing else', { MfaConfiguration: 'OPTIONAL', EnabledMfas: ['SOFTWARE_TOKEN_MFA'] }],
  ['remembers no devices', { DeviceConfiguration: Match.absent() }],
  ['is on the Essentials plan', { UserPoolTier: 'ESSENTIALS' }],
  ['cannot be deleted', { DeletionProtection: 'ACTIVE' }],
  ['has its only trigger before tokens, V2', { LambdaConfig: { PreTokenGenerationConfig: trigger() } }],
])('the user pool %s', (_what, properties) => {
  stateful.hasResourceProperties(POOL, properties);
});

function trigger() {
  return {
    LambdaArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^tokenclaimsFunction'), 'Arn'] },
    LambdaVersion: 'V2_0',
  };
}

test('Cognito may call the trigger, for this pool only', () => {
  stateful.hasResourceProperties('AWS::Lambda::Permission', {
    Principal: 'cognito-idp.amazonaws.com',
    SourceArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^UserPool'), 'Arn'] },
    SourceAccount: { Ref: 'AWS::AccountId' },
  });
});

test('there are two clients and no hosted domain, provider or resource server', () => {
  stateful.resourceCountIs(CLIENT, 2);
  for (const type of ['Domain', 'IdentityProvider', 'ResourceServer']) {
    stateful.resourceCountIs(`AWS::Cognito::UserPool${type}`, 0);
  }
});

test.each(Object.values(userPoolSettings.clients))(
  'client $name is confidential and admin-only',
  (client) => {
    stateful.hasResourceProperties(CLIENT, {
      ClientName: client.name,
      GenerateSecret: true,
      // Exactly this one: each further flow would be a way around the functions.
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'],
      AllowedOAuthFlows: Match.absent(),
      AllowedOAuthScopes: Match.absent(),
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 },
      AccessTokenValidity: client.accessTokenMinutes,
      IdTokenValidity: client.idTokenMinutes,
      RefreshTokenValidity: client.refreshTokenDays,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'days' },
    });
  },
);
