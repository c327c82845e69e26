import { readFileSync } from 'node:fs';
import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { functions } from '../../infra/functions.ts';
import { resourcesOf, templates } from './support.ts';

const all = templates();
const alarms = resourcesOf(all, 'AWS::CloudWatch::Alarm');
const operations = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const consumers = functions.filter(({ trigger }) => trigger.kind === 'stream');

const names = alarms.map(({ Properties }) => String(Properties.AlarmName).replace('psa-accounts-dev-', ''));

test('there is an alarm for each thing that must not go unseen', () => {
  expect(names.sort()).toEqual(
    [
      ...functions.flatMap(({ name }) => [`${name}-errors`, `${name}-throttles`]),
      ...consumers.flatMap(({ name }) => [`${name}-stream-age`, `${name}-dead-letters`]),
      'mail-feedback-dead-letters',
      'reconcile-dead-letters',
      'api-5xx',
      'api-latency',
      'table-throttles',
      'tokens-refused',
      'mails-failed',
      'mail-bounces',
      'mail-complaints',
      'reconcile-findings',
    ].sort(),
  );
});

test.each(alarms.map(({ Properties }) => [String(Properties.AlarmName), Properties] as const))(
  '%s says what it means and what to do, leads to the runbook, and rings at the topic',
  (_name, properties) => {
    const description = String(properties.AlarmDescription);
    const [, section = ''] = /^Means: .+ Do: .+ See docs\/operations\.md#(\S+)$/.exec(description) ?? [];
    expect(section).not.toBe('');
    expect(description.length).toBeLessThanOrEqual(1024);
    expect(headings(operations)).toContain(section);
    expect(properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/Topic/) }]);
    expect(properties.TreatMissingData).toBe('notBreaching');
  },
);

test('tokens and mails are counted under the names that alarms and dashboard read', () => {
  const [dashboard] = resourcesOf(all, 'AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard?.Properties.DashboardBody);
  for (const name of ['TokensIssued', 'TokensRefused', 'TokensRefusedByReason', 'MailsSent', 'MailsFailed']) {
    expect(body).toContain(name);
  }
  all.service.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'psa-accounts-dev-tokens-refused',
    Namespace: 'PsaAccounts',
    MetricName: 'TokensRefused',
    Dimensions: [{ Name: 'service', Value: 'psa-accounts-dev' }],
  });
  all.service.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'psa-accounts-dev-tokens',
    Environment: {
      Variables: Match.objectLike({
        POWERTOOLS_SERVICE_NAME: 'psa-accounts-dev',
        POWERTOOLS_METRICS_NAMESPACE: 'PsaAccounts',
      }),
    },
  });
});

/** As GitHub makes addresses of headings. */
function headings(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
