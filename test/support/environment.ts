import { stack } from './world.ts';

/** The environment of a function of the running stack, for code that a test calls in its own process. */
export function useStackEnvironment() {
  const names = {
    TABLE_NAME: stack.tableName,
    USER_POOL_ID: stack.userPool.poolId,
    API_CLIENT_ID: stack.userPool.clients.api.id,
    GATEWAY_CLIENT_ID: stack.userPool.clients.gateway.id,
  };
  Object.assign(process.env, names, {
    AWS_REGION: stack.operator.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: stack.endpoints.dynamodb,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: stack.endpoints.cognito,
    AWS_ENDPOINT_URL_SES: stack.endpoints.ses,
  });
  return names;
}
