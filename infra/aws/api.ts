import { CfnOutput, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  type CfnStage,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  LogGroupLogDestination,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Route } from '../../shared/routes/route.ts';
import type { DeploymentSettings } from './settings.ts';

export type ApiProps = Pick<DeploymentSettings, 'stage' | 'logRetention' | 'domain'>;

/** For the whole API together: above what Cognito signs in (120 a second), so that our own reply tells of limits. */
const REQUESTS_PER_SECOND = 500;
const BURST = 1000;
/** For one public route: still above what Cognito signs in, so that the limit on guesses answers first. */
const PUBLIC_ROUTE_REQUESTS_PER_SECOND = 150;
const PUBLIC_ROUTE_BURST = 300;

/**
 * What an access log line holds. Paths and queries may carry a reset link or a name, headers carry credentials and
 * addresses are personal data: none of them is here.
 */
const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  time: '$context.requestTimeEpoch',
  routeKey: '$context.routeKey',
  status: '$context.status',
  integrationStatus: '$context.integrationStatus',
  responseLatencyMilliseconds: '$context.responseLatency',
  integrationLatencyMilliseconds: '$context.integrationLatency',
};

const OPEN_ROUTE_REASONS = {
  public: 'Public by design: whoever calls it has no token yet; the endpoint itself decides what it tells.',
  bearer:
    'The function verifies the token: the authorizer of an HTTP API cannot answer in the V2 envelope and lets ID tokens through.',
  session:
    'The function looks the session up: it is a cookie of its own, ended by sign-out, reset and revocation at once.',
} as const;

/** The HTTP API. Its routes are those of the route tables, each to the function that declares it. */
export class Api extends Construct {
  /** Without a trailing slash. */
  readonly endpoint: string;
  readonly apiId: string;
  private readonly api: HttpApi;
  private readonly stage: HttpStage;
  private readonly routeThrottles: Record<string, RouteThrottle> = {};
  private readonly operators = new HttpIamAuthorizer();

  constructor(scope: Construct, id: string, { stage, logRetention, domain }: ApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'HttpApi', {
      apiName: `psa-accounts-${stage}`,
      createDefaultStage: false,
      // One way in: with a domain of its own, the API answers there alone.
      disableExecuteApiEndpoint: domain !== undefined,
    });
    this.apiId = this.api.apiId;
    this.endpoint = domain === undefined ? this.api.apiEndpoint : `https://${domain.name}`;
    const logGroup = new LogGroup(this, 'AccessLog', {
      // The prefix keeps the account's log resource policy from growing with each API.
      logGroupName: `/aws/vendedlogs/psa-accounts-${stage}-api`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stageProps = domain === undefined ? {} : { domainMapping: { domainName: this.ownDomain(domain) } };
    this.stage = new HttpStage(this, 'Stage', {
      ...stageProps,
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: REQUESTS_PER_SECOND, burstLimit: BURST },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
  }

  addRoutes(name: string, lambda: IFunction, routes: readonly Route[], catchAll: boolean): void {
    const integration = new HttpLambdaIntegration(name, lambda);
    for (const { method, path, operationId, auth } of routes) {
      const route = new HttpRoute(this, operationId, {
        httpApi: this.api,
        routeKey: HttpRouteKey.with(path, HttpMethod[method]),
        integration,
        authorizer: auth === 'operator' ? this.operators : new HttpNoneAuthorizer(),
      });
      if (auth !== 'operator') acknowledgeOpenRoute(route, OPEN_ROUTE_REASONS[auth]);
      if (auth === 'public') this.throttle(`${method} ${path}`, route);
    }
    if (!catchAll) return;
    const rest = new HttpRoute(this, 'UnknownPaths', {
      httpApi: this.api,
      routeKey: HttpRouteKey.DEFAULT,
      integration,
    });
    acknowledgeOpenRoute(rest, 'It only answers that there is no such path.');
  }

  /** What nobody has to sign in for cannot use up the whole API's rate: one route alone gets a part of it. */
  private throttle(key: string, route: HttpRoute): void {
    this.routeThrottles[key] = {
      ThrottlingRateLimit: PUBLIC_ROUTE_REQUESTS_PER_SECOND,
      ThrottlingBurstLimit: PUBLIC_ROUTE_BURST,
    };
    const stage = this.stage.node.defaultChild as CfnStage;
    stage.routeSettings = this.routeThrottles;
    // API Gateway refuses settings of a route that is not there yet.
    stage.node.addDependency(route);
  }

  private ownDomain({ name, certificateArn }: NonNullable<ApiProps['domain']>): DomainName {
    const domainName = new DomainName(this, 'Domain', {
      domainName: name,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      securityPolicy: SecurityPolicy.TLS_1_2,
    });
    new CfnOutput(this, 'DomainTarget', {
      value: domainName.regionalDomainName,
      description: `DNS: ${name} is to be an alias (or CNAME) of this`,
    }).overrideLogicalId('DomainTarget');
    return domainName;
  }
}

type RouteThrottle = { readonly ThrottlingRateLimit: number; readonly ThrottlingBurstLimit: number };

function acknowledgeOpenRoute(route: HttpRoute, reason: string): void {
  Validations.of(route).acknowledge({ id: 'AwsSolutions-APIG4', reason });
}
