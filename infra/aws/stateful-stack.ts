import { CfnOutput, Stack, Validations } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionDefinition } from '../functions.ts';
import { DeployedFunction } from './function.ts';
import { MailIdentity } from './mail-identity.ts';
import { ANY_USER_POOL, grantsOf } from './permissions.ts';
import type { DeploymentSettings } from './settings.ts';
import { createTable } from './table.ts';
import { UserPool } from './user-pool.ts';

export type StatefulProps = {
  readonly settings: DeploymentSettings;
  readonly functions: readonly FunctionDefinition[];
};

/**
 * What can't be made again: the table, the user pool with its clients, and the sender. The pre-token trigger stands
 * here too, because the pool names it: in the other stack, each stack would wait for the other.
 *
 * Table, pool and clients are kept even where their first creation is rolled back: their own deletion protection would
 * fail the rollback. What is left then is empty and has no name that the next try needs.
 */
export class StatefulStack extends Stack {
  readonly table: TableV2;
  readonly userPool: UserPool;
  readonly preToken: { readonly name: string; readonly lambda: IFunction };

  constructor(scope: Construct, id: string, { settings, functions }: StatefulProps) {
    super(scope, id, {
      description: `PSA accounts, stage ${settings.stage}: table, user pool and sender`,
      terminationProtection: true,
    });
    this.table = createTable(this);
    const trigger = functions.find((definition) => definition.trigger.kind === 'pre-token');
    if (trigger === undefined) throw new Error('No function is the pre-token trigger of the user pool.');
    const preToken = new DeployedFunction(this, trigger.name, {
      definition: trigger,
      stage: settings.stage,
      logRetention: settings.logRetention,
      logLevel: settings.logLevel,
      memoryMegabytes: settings.memoryMegabytes,
      environment: {},
      grants: (logGroupArn) =>
        grantsOf(trigger, {
          logGroupArn,
          tableArn: this.table.tableArn,
          userPool: { arn: ANY_USER_POOL, tag: settings.stage },
        }),
    });
    this.preToken = { name: trigger.name, lambda: preToken.lambda };
    Validations.of(preToken.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cognito-idp:<AWS::Region>:<AWS::AccountId>:userpool/*]',
      reason:
        'The pool names this function, so its role cannot name the pool; a condition on the tag of the pool narrows it to this one.',
    });
    this.userPool = new UserPool(this, 'UserPool', {
      stage: settings.stage,
      preTokenTrigger: preToken.lambda,
      accessTokenMinutes: settings.accessTokenMinutes,
      refreshTokenDays: settings.refreshTokenDays,
    });
    if (settings.mailIdentity === 'create') new MailIdentity(this, 'Mail', settings);
    new CfnOutput(this, 'TableName', { value: this.table.tableName });
    new CfnOutput(this, 'UserPoolId', { value: this.userPool.poolId });
  }
}
