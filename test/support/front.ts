import type { Context } from 'aws-lambda';
import { functions } from '../../infra/functions.ts';
import { openApiGateway } from '../../infra/local/api-gateway.ts';
import { useStackEnvironment } from './environment.ts';
import { stack } from './world.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;
export type HttpEvent = { readonly routeKey: string };
/** What is done with each event in place of handing it straight to its function. */
export type Around = (event: HttpEvent, handle: () => Promise<unknown>) => Promise<unknown>;

const HTTP_FUNCTIONS = functions.filter(({ trigger }) => trigger.kind === 'http');

/** The API of the running stack once more, its functions in this process: a test sees what they do, or disturbs it. */
export async function startFront(
  aws: { readonly dynamodb: string; readonly cognito: string } = stack.endpoints,
  around: Around = (_, handle) => handle(),
) {
  useStackEnvironment();
  const gateway = await openApiGateway(0);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: aws.dynamodb,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: aws.cognito,
    LOG_LEVEL: 'SILENT',
    TOKEN_ISSUER: `https://cognito-idp.${stack.operator.region}.amazonaws.com/${stack.userPool.poolId}`,
    TOKEN_JWKS_URI: `${stack.endpoints.cognito}/${stack.userPool.poolId}/.well-known/jwks.json`,
    PUBLIC_URL: gateway.url,
  });
  const handlers = new Map<string, Handler>();
  for (const { name } of HTTP_FUNCTIONS) {
    const { handler } = (await import(`../../functions/${name}/handler.ts`)) as { handler: Handler };
    handlers.set(name, handler);
  }
  gateway.serve({
    functions: HTTP_FUNCTIONS,
    operator: stack.operator,
    invoke: async (name, event) => {
      const handle = async () => handlers.get(name)?.(event, {} as Context);
      return { ok: true, payload: await around(event as HttpEvent, handle) };
    },
  });
  return { url: gateway.url, close: () => gateway.close() };
}
