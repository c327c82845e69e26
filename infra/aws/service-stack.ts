import { CfnOutput, Stack, Validations } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { EnvironmentName, FunctionDefinition } from '../functions.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import { keepFailures } from './asynchronous.ts';
import { addDashboard } from './dashboard.ts';
import { DeadLetters, isUnattended, type UnattendedDefinition } from './dead-letters.ts';
import { DeployedFunction } from './function.ts';
import { Mail } from './mail.ts';
import { startFromMailEvents } from './mail-events.ts';
import { grantsOf } from './permissions.ts';
import { startOnSchedule } from './schedule.ts';
import { addServiceAlarms } from './service-alarms.ts';
import type { DeploymentSettings } from './settings.ts';
import type { StatefulStack } from './stateful-stack.ts';
import { consumersAmong, startFromStream } from './stream-consumer.ts';

export type ServiceProps = {
  readonly settings: DeploymentSettings;
  readonly functions: readonly FunctionDefinition[];
  readonly stateful: StatefulStack;
};

/** What can be made again at any time: functions, API, stream consumers, feedback of mails, alarms. */
export class ServiceStack extends Stack {
  private readonly settings: DeploymentSettings;
  private readonly stateful: StatefulStack;
  private readonly mail: Mail;
  private readonly events: EventBus;
  private readonly deployed = new Map<string, IFunction>();
  private readonly variables: Readonly<Record<EnvironmentName, string>>;

  constructor(scope: Construct, id: string, { settings, functions, stateful }: ServiceProps) {
    super(scope, id, { description: `PSA accounts, stage ${settings.stage}: functions and API` });
    this.settings = settings;
    this.stateful = stateful;
    this.mail = new Mail(this, 'Mail', settings);
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
    for (const definition of functions) {
      if (isUnattended(definition)) this.startUnattended(definition, alarms);
    }
    const watched = {
      stage: settings.stage,
      functions: new Map([...this.deployed, [stateful.preToken.name, stateful.preToken.lambda]]),
      kinds: new Map(functions.map(({ name, trigger }) => [name, trigger.kind])),
      consumers: consumersAmong(functions).map(({ name }) => name),
      schedules: functions.flatMap(({ name, trigger }) =>
        trigger.kind === 'schedule' ? [{ name, everyMinutes: trigger.everyMinutes }] : [],
      ),
      apiId: api.apiId,
      table: stateful.table,
    };
    addServiceAlarms(alarms, watched);
    addDashboard(this, watched);
    new CfnOutput(this, 'PublicUrl', { value: publicUrl });
    new CfnOutput(this, 'EventBusName', { value: this.events.eventBusName });
    new CfnOutput(this, 'ApiEndpoint', { value: api.endpoint });
  }

  private startUnattended(definition: UnattendedDefinition, alarms: Alarms): void {
    const { name, trigger } = definition;
    const { queue } = new DeadLetters(this, `${name}-dead-letters`, definition, this.settings.stage, alarms);
    const { lambda } = this.deploy(definition, queue.queueArn);
    if (trigger.kind === 'stream') {
      startFromStream(this, { ...definition, trigger }, lambda, this.streamArn, queue);
      return;
    }
    keepFailures(this, name, trigger, lambda, queue);
    if (trigger.kind === 'schedule') startOnSchedule(this, definition, trigger, lambda, queue);
    else startFromMailEvents(this, lambda, this.mail.configurationSetName, queue);
  }

  private get streamArn(): string {
    const arn = this.stateful.table.tableStreamArn;
    if (arn === undefined) throw new Error('The table has no stream.');
    return arn;
  }

  private deploy(definition: FunctionDefinition, deadLetterQueueArn?: string): DeployedFunction {
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
          streamArn: this.streamArn,
          ...(deadLetterQueueArn === undefined ? {} : { deadLetterQueueArn }),
        }),
    });
    if (definition.sendsMail) {
      Validations.of(deployed.role).acknowledge({
        id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]',
        reason:
          'SES asks for the permission on the identities of recipients, too; a condition on the sender narrows it.',
      });
    }
    this.deployed.set(definition.name, deployed.lambda);
    return deployed;
  }
}

function variableValues(
  { table, userPool }: StatefulStack,
  mail: Mail,
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
