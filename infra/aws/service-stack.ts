import { CfnOutput, Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { EnvironmentName, FunctionDefinition } from '../functions.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import { addDashboard } from './dashboard.ts';
import { DeployedFunction } from './function.ts';
import { MailIdentity } from './mail.ts';
import { startFromMailEvents } from './mail-events.ts';
import { type GrantedResources, grantsOf } from './permissions.ts';
import { startOnSchedule } from './schedule.ts';
import { addServiceAlarms } from './service-alarms.ts';
import type { DeploymentSettings } from './settings.ts';
import type { StatefulStack } from './stateful-stack.ts';
import { consumersAmong, DeadLetters, startFromStream } from './stream-consumer.ts';

export type ServiceProps = {
  readonly settings: DeploymentSettings;
  readonly functions: readonly FunctionDefinition[];
  readonly stateful: StatefulStack;
};

/** What can be made again at any time: functions, API, stream consumers, mail identity, alarms. */
export class ServiceStack extends Stack {
  private readonly settings: DeploymentSettings;
  private readonly stateful: StatefulStack;
  private readonly mail: MailIdentity;
  private readonly events: EventBus;
  private readonly deployed = new Map<string, IFunction>();
  private readonly variables: Readonly<Record<EnvironmentName, string>>;

  constructor(scope: Construct, id: string, { settings, functions, stateful }: ServiceProps) {
    super(scope, id, { description: `PSA accounts, stage ${settings.stage}: functions and API` });
    this.settings = settings;
    this.stateful = stateful;
    this.mail = new MailIdentity(this, 'Mail', settings);
    this.events = new EventBus(this, 'Events', {
      eventBusName: `psa-accounts-${settings.stage}`,
      description: `What happens to accounts of stage ${settings.stage}; docs/events.md has the shapes`,
    });
    const api = new Api(this, 'Api', settings);
    const publicUrl = settings.publicUrl ?? api.endpoint;
    this.variables = variableValues(stateful, this.mail, this.events, publicUrl);

    for (const definition of functions) {
      const { trigger } = definition;
      if (trigger.kind !== 'http') continue;
      const { lambda } = this.deploy(definition);
      api.addRoutes(definition.name, lambda, trigger.routes, trigger.catchAll === true);
    }
    const alarms = new Alarms(this, 'Alarms', settings.alarmEmail);
    this.consumeStream(functions, alarms);
    this.takeMailFeedback(functions, alarms);
    for (const definition of functions) {
      const { trigger } = definition;
      if (trigger.kind !== 'schedule') continue;
      startOnSchedule(this, definition, trigger, this.deploy(definition).lambda);
    }
    const watched = {
      stage: settings.stage,
      functions: new Map([...this.deployed, [stateful.preToken.name, stateful.preToken.lambda]]),
      consumers: consumersAmong(functions).map(({ name }) => name),
      apiId: api.apiId,
      table: stateful.table,
    };
    addServiceAlarms(alarms, watched);
    addDashboard(this, watched);
    new CfnOutput(this, 'PublicUrl', { value: publicUrl });
    new CfnOutput(this, 'EventBusName', { value: this.events.eventBusName });
    new CfnOutput(this, 'ApiEndpoint', { value: api.endpoint });
  }

  private consumeStream(functions: readonly FunctionDefinition[], alarms: Alarms): void {
    const streamArn = this.stateful.table.tableStreamArn;
    if (streamArn === undefined) throw new Error('The table has no stream.');
    for (const definition of consumersAmong(functions)) {
      const { queue } = new DeadLetters(
        this,
        `${definition.name}-dead-letters`,
        definition,
        this.settings.stage,
        alarms,
      );
      const { lambda } = this.deploy(definition, { streamArn, deadLetterQueueArn: queue.queueArn });
      startFromStream(this, definition, lambda, streamArn, queue);
    }
  }

  private takeMailFeedback(functions: readonly FunctionDefinition[], alarms: Alarms): void {
    for (const definition of functions) {
      const { name, trigger } = definition;
      if (trigger.kind !== 'mail-events') continue;
      const failing = { name, trigger };
      const { queue } = new DeadLetters(this, `${name}-dead-letters`, failing, this.settings.stage, alarms);
      const { lambda } = this.deploy(definition);
      startFromMailEvents(this, lambda, this.mail.configurationSetName, queue);
    }
  }

  private deploy(definition: FunctionDefinition, stream?: GrantedResources['stream']): DeployedFunction {
    const deployed = new DeployedFunction(this, definition.name, {
      definition,
      stage: this.settings.stage,
      logRetention: this.settings.logRetention,
      logLevel: this.settings.logLevel,
      memoryMegabytes: this.settings.memoryMegabytes,
      environment: this.variables,
      grants: (logGroupArn) =>
        grantsOf(definition, {
          logGroupArn,
          tableArn: this.stateful.table.tableArn,
          userPool: { arn: this.stateful.userPool.poolArn },
          mail: this.mail,
          eventBusArn: this.events.eventBusArn,
          ...(stream === undefined ? {} : { stream }),
        }),
    });
    this.deployed.set(definition.name, deployed.lambda);
    return deployed;
  }
}

function variableValues(
  { table, userPool }: StatefulStack,
  mail: MailIdentity,
  events: EventBus,
  publicUrl: string,
): Record<EnvironmentName, string> {
  return {
    TABLE_NAME: table.tableName,
    USER_POOL_ID: userPool.poolId,
    API_CLIENT_ID: userPool.apiClientId,
    GATEWAY_CLIENT_ID: userPool.gatewayClientId,
    TOKEN_ISSUER: userPool.issuer,
    TOKEN_JWKS_URI: `${userPool.issuer}/.well-known/jwks.json`,
    MAIL_FROM: mail.from,
    MAIL_CONFIGURATION_SET: mail.configurationSetName,
    PUBLIC_URL: publicUrl,
    EVENT_BUS_NAME: events.eventBusName,
  };
}
