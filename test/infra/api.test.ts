import { Match } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { functions } from '../../infra/functions.ts';
import { routeKey } from '../../shared/routes/route.ts';
import { resourcesOf, templates } from './support.ts';

const all = templates();
const { service } = all;

const declared = functions.flatMap(({ name, trigger }) =>
  trigger.kind === 'http'
    ? trigger.routes.map((route) => ({
        key: routeKey(route),
        owner: name,
        authorization: route.auth === 'operator' ? 'AWS_IAM' : 'NONE',
      }))
    : [],
);
const configured = templates({ publicUrl: 'https://psa.acme.example' });
const deployed = resourcesOf(all, 'AWS::ApiGatewayV2::Route');

test('the API has the declared routes and the catch-all, no more', () => {
  const keys = deployed.map(({ Properties }) => Properties.RouteKey);
  expect(keys.sort()).toEqual([...declared.map(({ key }) => key), '$default'].sort());
});

test.each(declared)('$key goes to $owner with $authorization', ({ key, owner, authorization }) => {
  const route = deployed.find(({ Properties }) => Properties.RouteKey === key);
  expect(route?.Properties.AuthorizationType).toBe(authorization);
  expect(targetOf(route?.Properties.Target)).toMatch(functionId(owner));
});

test('unknown paths go to the catch-all function', () => {
  const route = deployed.find(({ Properties }) => Properties.RouteKey === '$default');
  expect(targetOf(route?.Properties.Target)).toMatch(functionId('system'));
});

test('integrations speak payload 2.0, within the limit of an HTTP API', () => {
  for (const { Properties } of resourcesOf(all, 'AWS::ApiGatewayV2::Integration')) {
    expect(Properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
  }
  for (const { trigger, timeoutSeconds } of functions) {
    if (trigger.kind === 'http') expect(timeoutSeconds).toBeLessThan(30);
  }
});

test('the access log tells route, status and latency, and no path, query, address or header', () => {
  const [stage] = resourcesOf(all, 'AWS::ApiGatewayV2::Stage');
  const settings = stage?.Properties.AccessLogSettings as { Format: string } | undefined;
  const variables = Object.values(JSON.parse(settings?.Format ?? '{}') as Record<string, string>);
  expect(variables).toEqual(
    expect.arrayContaining([
      '$context.routeKey',
      '$context.status',
      '$context.requestId',
      '$context.responseLatency',
    ]),
  );
  for (const variable of variables)
    expect(variable).not.toMatch(/path|query|identity|header|protocol|authorizer/i);
});

test('calls are throttled and no other origin is invited', () => {
  service.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    StageName: '$default',
    DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 1000 },
  });
  service.hasResourceProperties('AWS::ApiGatewayV2::Api', { CorsConfiguration: Match.absent() });
});

const domain = {
  domainName: 'psa.acme.example',
  certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000',
};

test('each public route has a limit of its own, below that of the API', () => {
  const [stage] = resourcesOf(all, 'AWS::ApiGatewayV2::Stage');
  const open = functions.flatMap(({ trigger }) =>
    trigger.kind === 'http' ? trigger.routes.filter(({ auth }) => auth === 'public').map(routeKey) : [],
  );
  const limit = { ThrottlingRateLimit: 150, ThrottlingBurstLimit: 300 };
  expect(stage?.Properties.RouteSettings).toEqual(Object.fromEntries(open.map((key) => [key, limit])));
});

test('with a domain of its own the API answers there alone, by TLS 1.2 at least', () => {
  const own = templates(domain);
  own.service.hasResourceProperties('AWS::ApiGatewayV2::DomainName', {
    DomainName: 'psa.acme.example',
    DomainNameConfigurations: [Match.objectLike({ SecurityPolicy: 'TLS_1_2' })],
  });
  own.service.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
  own.service.resourceCountIs('AWS::ApiGatewayV2::ApiMapping', 1);
  service.resourceCountIs('AWS::ApiGatewayV2::DomainName', 0);
});

test.each([
  ['the API itself', all, { 'Fn::GetAtt': [Match.stringLikeRegexp('^Api'), 'ApiEndpoint'] }],
  ['the configured address', configured, 'https://psa.acme.example'],
])('mailed links point to %s', (_where, deployment, expected) => {
  deployment.service.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'psa-accounts-dev-after-commit',
    Environment: { Variables: Match.objectLike({ PUBLIC_URL: expected }) },
  });
});

function functionId(name: string): RegExp {
  return new RegExp(`^${name.replaceAll('-', '')}Function`);
}

/** The logical id of the function that a route's integration calls. */
function targetOf(target: unknown): string {
  const [, parts] = (target as { 'Fn::Join': [string, readonly (string | { Ref: string })[]] })['Fn::Join'];
  const integration = parts.find((part) => typeof part !== 'string')?.Ref ?? '';
  const { Properties } = service.findResources('AWS::ApiGatewayV2::Integration')[integration] as {
    Properties: { IntegrationUri: { 'Fn::GetAtt': [string, string] } };
  };
  return Properties.IntegrationUri['Fn::GetAtt'][0];
}
