import type { Context } from 'aws-lambda';
import { functions } from '../../infra/functions.ts';
import { openApiGateway } from '../../infra/local/api-gateway.ts';
import { stack } from '../support/world.ts';
import { FaultyAws } from './faulty-aws.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;
const SERVED = ['employees', 'employee-import', 'roles', 'company', 'passwords', 'tenants', 'tokens'];

/** The API once more, its functions in this process, on an AWS in which faults can be planned. */
export async function startFaultyFront() {
  const aws = await FaultyAws.start(stack.endpoints);
  const { poolId, clients } = stack.userPool;
  Object.assign(process.env, {
    AWS_REGION: stack.operator.region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_DYNAMODB: aws.urls.dynamodb,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: aws.urls.cognito,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    TABLE_NAME: stack.tableName,
    USER_POOL_ID: poolId,
    API_CLIENT_ID: clients.api.id,
    GATEWAY_CLIENT_ID: clients.gateway.id,
    TOKEN_ISSUER: `https://cognito-idp.${stack.operator.region}.amazonaws.com/${poolId}`,
    TOKEN_JWKS_URI: `${stack.endpoints.cognito}/${poolId}/.well-known/jwks.json`,
    PUBLIC_URL: stack.url,
  });
  const handlers = new Map<string, Handler>();
  for (const name of SERVED) {
    const { handler } = (await import(`../../functions/${name}/handler.ts`)) as { handler: Handler };
    handlers.set(name, handler);
  }
  const gateway = await openApiGateway(0);
  gateway.serve({
    functions: functions.filter(({ name }) => SERVED.includes(name)),
    operator: stack.operator,
    invoke: async (name, event) => {
      const payload = await handlers.get(name)?.(event, {} as Context);
      return { ok: true, payload };
    },
  });
  const close = async () => {
    await gateway.close();
    await aws.close();
  };
  return { aws, url: gateway.url, close };
}
