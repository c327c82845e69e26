import { Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { deployment, SYNTH_MILLISECONDS } from './support.ts';

function findings({ app }: Pick<ReturnType<typeof deployment>, 'app'>): string[] {
  const { violations } = new AwsSolutionsChecks(app).validateScope(app);
  return violations.map(({ ruleName }) => ruleName).sort();
}

test('AwsSolutions finds nothing that is not acknowledged', () => {
  expect(findings(deployment())).toEqual([]);
});

test('a planted queue in the clear and a planted wildcard are found', () => {
  const planted = deployment();
  new Queue(planted.service, 'Planted');
  const role = new Role(planted.service, 'PlantedRole', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:*'], resources: ['*'] }));
  expect(findings(planted)).toEqual([
    'AwsSolutions-IAM5[Action::dynamodb:*]',
    'AwsSolutions-IAM5[Resource::*]',
    'AwsSolutions-SQS3',
    'AwsSolutions-SQS4',
  ]);
});

test(
  'a finding fails the synth',
  () => {
    const planted = deployment();
    new Queue(planted.service, 'Planted');
    expect(() => planted.app.synth()).toThrow(/AwsSolutions-SQS4/);
  },
  SYNTH_MILLISECONDS,
);

test('every acknowledgement stands on one construct and gives its reason', () => {
  const { app } = deployment();
  const acknowledged = app.node
    .findAll()
    .flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
        .flatMap(({ data }) =>
          Object.values(data as Record<string, string>).map((reason) => ({ construct, reason })),
        ),
    );
  expect(acknowledged.length).toBeGreaterThan(0);
  for (const { construct, reason } of acknowledged) {
    expect(construct.node.path.split('/').length).toBeGreaterThan(1);
    expect(reason.length).toBeGreaterThan(30);
  }
});
