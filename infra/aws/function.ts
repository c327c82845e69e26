import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyDocument, type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogLevel, NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { aliasesOf, bundleSettings, PROJECT_ROOT } from '../bundle/bundle.ts';
import type { EnvironmentName, FunctionDefinition } from '../functions.ts';
import { METRICS_NAMESPACE, serviceName } from './metrics.ts';
import type { DeploymentSettings } from './settings.ts';

export type FunctionProps = {
  readonly definition: FunctionDefinition;
  readonly stage: string;
  readonly logLevel: DeploymentSettings['logLevel'];
  /** Instead of the definition's. */
  readonly memoryMegabytes?: number | undefined;
  readonly logRetention: RetentionDays;
  /** Values to choose from; the function gets those that its definition names. */
  readonly environment: Readonly<Partial<Record<EnvironmentName, string>>>;
  readonly grants: (logGroupArn: string) => PolicyStatement[];
};

/** One Lambda function with a role and a log of its own. */
export class DeployedFunction extends Construct {
  readonly lambda: IFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: FunctionProps) {
    super(scope, id);
    const { definition } = props;
    const functionName = `psa-accounts-${props.stage}-${definition.name}`;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: props.logRetention,
      // What must outlive the functions is the audit in the table; a log kept here would block the next deployment.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${functionName}: ${definition.purpose}`,
      inlinePolicies: { grants: new PolicyDocument({ statements: props.grants(logGroup.logGroupArn) }) },
    });
    Validations.of(this.role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'xray:PutTraceSegments, xray:PutTelemetryRecords and dynamodb:ListStreams take no resource (AWS service authorization).',
    });
    this.lambda = new NodejsFunction(this, 'Function', {
      functionName,
      description: definition.purpose,
      entry: `${PROJECT_ROOT}${definition.entry}`,
      handler: 'handler',
      projectRoot: PROJECT_ROOT,
      depsLockFilePath: `${PROJECT_ROOT}package-lock.json`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memoryMegabytes ?? definition.memoryMegabytes,
      timeout: Duration.seconds(definition.timeoutSeconds),
      // The role is complete as written above: constructs that would widen it by themselves cannot.
      role: this.role.withoutPolicyUpdates(),
      logGroup,
      tracing: Tracing.ACTIVE,
      environment: { ...environmentOf(props), ...logEnvironment(props.stage, props.logLevel) },
      awsSdkConnectionReuse: false,
      bundling: {
        format: OutputFormat.ESM,
        mainFields: [...bundleSettings.mainFields],
        target: bundleSettings.target,
        banner: bundleSettings.banner,
        minify: true,
        // Sizes are test/infra/bundles.test.ts's to watch; beside them a warning would go unseen.
        logLevel: LogLevel.WARNING,
        bundleAwsSDK: true,
        externalModules: [],
        esbuildArgs: Object.fromEntries([
          ...Object.entries(bundleSettings.supported).map(([name, is]) => [
            `--supported:${name}`,
            String(is),
          ]),
          ...Object.entries(aliasesOf(definition)).map(([name, path]) => [`--alias:${name}`, path]),
        ]),
        forceDockerBundling: false,
      },
    });
  }
}

/** Also the names under which infra/aws/service-alarms.ts finds the metrics. */
function logEnvironment(stage: string, logLevel: string): Record<string, string> {
  return {
    SERVICE_NAME: serviceName(stage),
    METRICS_NAMESPACE: METRICS_NAMESPACE,
    LOG_LEVEL: logLevel,
  };
}

function environmentOf({ definition, environment }: FunctionProps): Record<string, string> {
  return Object.fromEntries(
    definition.environment.map((name) => {
      const value = environment[name];
      if (value === undefined) throw new Error(`${definition.name}: no value for ${name}`);
      return [name, value];
    }),
  );
}
