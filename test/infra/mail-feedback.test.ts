import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { resourcesOf, templates } from './support.ts';

const all = templates();
const { service } = all;

test('mails leave under the configuration set of the stage, by TLS alone, and count for their reputation', () => {
  expect(resourcesOf(all, 'AWS::SES::ConfigurationSet').map(({ Properties }) => Properties)).toEqual([
    {
      Name: 'psa-accounts-dev',
      DeliveryOptions: { TlsPolicy: 'REQUIRE' },
      ReputationOptions: { ReputationMetricsEnabled: true },
    },
  ]);
  service.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'psa-accounts-dev-after-commit',
    Environment: { Variables: Match.objectLike({ MAIL_CONFIGURATION_SET: 'psa-accounts-dev' }) },
  });
});

test('bounces and complaints of that set go to the default bus, which alone takes events of SES', () => {
  const [destination, ...more] = resourcesOf(all, 'AWS::SES::ConfigurationSetEventDestination');
  expect(more).toEqual([]);
  expect(destination?.Properties).toMatchObject({
    ConfigurationSetName: { Ref: expect.stringMatching(/^MailFeedback/) },
    EventDestination: { Enabled: true, MatchingEventTypes: ['bounce', 'complaint'] },
  });
  expect(JSON.stringify(destination?.Properties)).toMatch(/:event-bus\/default"/);
});

/** Names and shape as SES gives them: https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html */
test('the rule takes exactly these from there, of this stage alone, to mail-feedback', () => {
  const rules = resourcesOf(all, 'AWS::Events::Rule').filter(({ Properties }) => Properties.EventPattern);
  expect(rules.map(({ Properties }) => Properties)).toMatchObject([
    {
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.ses'],
        'detail-type': ['Email Bounced', 'Email Complaint Received'],
        detail: { mail: { tags: { 'ses:configuration-set': ['psa-accounts-dev'] } } },
      },
      Targets: [{ Arn: { 'Fn::GetAtt': [expect.stringMatching(/^mailfeedbackFunction/), 'Arn'] } }],
    },
  ]);
  expect(rules[0]?.Properties).not.toHaveProperty('EventBusName');
  service.hasResourceProperties('AWS::Lambda::Permission', {
    Action: 'lambda:InvokeFunction',
    Principal: 'events.amazonaws.com',
    FunctionName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^mailfeedbackFunction'), 'Arn'] },
  });
});
