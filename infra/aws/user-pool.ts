import { Aws, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { CfnUserPool, CfnUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import { CfnPermission, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type UserPoolClientSettings, userPoolSettings } from '../user-pool-settings.ts';
import { STAGE_TAG } from './permissions.ts';

export type UserPoolProps = {
  readonly stage: string;
  readonly preTokenTrigger: IFunction;
  /** These two of the client `api`; else as in user-pool-settings.ts. */
  readonly accessTokenMinutes?: number | undefined;
  readonly refreshTokenDays?: number | undefined;
};

/**
 * The pool that holds every password, and its two clients. Written on the L1 resources, property by property from
 * user-pool-settings.ts: the L2 adds sign-in flows of its own, and each of those would be a side door.
 */
export class UserPool extends Construct {
  readonly poolId: string;
  readonly poolArn: string;
  readonly apiClientId: string;
  readonly gatewayClientId: string;
  /** `iss` of access tokens. */
  readonly issuer: string;

  constructor(scope: Construct, id: string, props: UserPoolProps) {
    super(scope, id);
    const { stage, preTokenTrigger, accessTokenMinutes, refreshTokenDays } = props;
    const pool = new CfnUserPool(this, 'Pool', poolProperties(stage, preTokenTrigger.functionArn));
    pool.applyRemovalPolicy(RemovalPolicy.RETAIN);
    acknowledgePoolFindings(pool);
    new CfnPermission(this, 'TriggerPermission', {
      action: 'lambda:InvokeFunction',
      functionName: preTokenTrigger.functionArn,
      principal: 'cognito-idp.amazonaws.com',
      sourceArn: pool.attrArn,
      sourceAccount: Aws.ACCOUNT_ID,
    });
    this.poolId = pool.ref;
    this.poolArn = pool.attrArn;
    this.issuer = `https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}/${pool.ref}`;
    this.apiClientId = this.client('ApiClient', {
      ...userPoolSettings.clients.api,
      ...(accessTokenMinutes === undefined ? {} : { accessTokenMinutes }),
      ...(refreshTokenDays === undefined ? {} : { refreshTokenDays }),
    });
    this.gatewayClientId = this.client('GatewayClient', userPoolSettings.clients.gateway);
  }

  private client(id: string, settings: UserPoolClientSettings): string {
    const client = new CfnUserPoolClient(this, id, {
      userPoolId: this.poolId,
      clientName: settings.name,
      generateSecret: settings.generateSecret,
      explicitAuthFlows: [...settings.explicitAuthFlows],
      preventUserExistenceErrors: settings.preventUserExistenceErrors,
      enableTokenRevocation: settings.enableTokenRevocation,
      refreshTokenRotation: settings.refreshTokenRotation,
      accessTokenValidity: settings.accessTokenMinutes,
      idTokenValidity: settings.idTokenMinutes,
      refreshTokenValidity: settings.refreshTokenDays,
      tokenValidityUnits: { accessToken: 'minutes', idToken: 'minutes', refreshToken: 'days' },
    });
    // A client made anew has another id and secret: every token out there would be void.
    client.applyRemovalPolicy(RemovalPolicy.RETAIN);
    return client.ref;
  }
}

function poolProperties(stage: string, triggerArn: string) {
  const { passwordPolicy } = userPoolSettings;
  return {
    userPoolName: `psa-accounts-${stage}`,
    userPoolTier: userPoolSettings.featurePlan,
    adminCreateUserConfig: { allowAdminCreateUserOnly: userPoolSettings.allowAdminCreateUserOnly },
    accountRecoverySetting: { recoveryMechanisms: [{ name: userPoolSettings.accountRecovery, priority: 1 }] },
    // aliasAttributes, autoVerifiedAttributes and deviceConfiguration stay out: absent is how Cognito writes "none".
    usernameConfiguration: { caseSensitive: userPoolSettings.usernameCaseSensitive },
    mfaConfiguration: userPoolSettings.mfaConfiguration,
    enabledMfas: [...userPoolSettings.enabledMfas],
    policies: { passwordPolicy },
    lambdaConfig: {
      preTokenGenerationConfig: {
        lambdaArn: triggerArn,
        lambdaVersion: userPoolSettings.preTokenGenerationVersion,
      },
    },
    deletionProtection: 'ACTIVE',
    userPoolTags: { [STAGE_TAG]: stage },
  };
}

function acknowledgePoolFindings(pool: CfnUserPool): void {
  Validations.of(pool).acknowledge(
    {
      id: 'AwsSolutions-COG1',
      reason:
        'No composition rules, by NIST SP 800-63B-4; length (15 where it is the only factor), common passwords and names are checked in shared/rules/passwords.ts.',
    },
    {
      id: 'AwsSolutions-COG2',
      reason:
        'API Employees are programs and have no second factor (M2); people are held to theirs per tenant, in shared/rules/tokens.ts.',
    },
    {
      id: 'AwsSolutions-COG8',
      reason:
        'The Plus plan scores risk by the caller of Cognito, which here is always our own function; guesses are stopped before Cognito (S5, S6).',
    },
  );
}
