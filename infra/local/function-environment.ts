import type { EnvironmentName, FunctionDefinition } from '../functions.ts';
import { CLOSED_PORT_URL, type Endpoints } from './aws-config.ts';

export type Deployment = {
  readonly region: string;
  readonly projectRoot: string;
  readonly endpoints: Endpoints;
  /** What CDK fills in at deployment; a function gets those that its definition names. */
  readonly variables: Readonly<Record<EnvironmentName, string>>;
};

/** All that the function sees: what Lambda sets, where the stand-ins are, and the variables that it names. */
export function functionEnvironment(definition: FunctionDefinition, deployment: Deployment) {
  const { region, endpoints } = deployment;
  return {
    PATH: process.env.PATH,
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    // No key of the developer's own may come near a stand-in.
    AWS_ACCESS_KEY_ID: 'AKIALOCALFUNCTION',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${definition.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '1970/01/01/[$LATEST]local',
    _HANDLER: 'handler.handler',
    LAMBDA_TASK_ROOT: deployment.projectRoot,
    SERVICE_NAME: 'psa-accounts-local',
    METRICS_NAMESPACE: 'PsaAccounts',
    AWS_ENDPOINT_URL: CLOSED_PORT_URL,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: endpoints.cognito,
    AWS_ENDPOINT_URL_SES: endpoints.ses,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventbridge,
    ...Object.fromEntries(definition.environment.map((name) => [name, deployment.variables[name]])),
  };
}
