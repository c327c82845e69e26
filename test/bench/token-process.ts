/**
 * A token endpoint behind Node's HTTP server, which tells its port, and its processor time when asked. Ours stands
 * behind what makes an event of a request for the local stack: on AWS, API Gateway does that.
 */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { issueTokenEndpoint } from '../../functions/tokens/issue-token.ts';
import { toEvent } from '../../infra/local/http-event.ts';
import { toReply } from '../../infra/local/http-reply.ts';
import { cognitoClient } from '../../shared/aws/cognito.ts';
import { dynamoDbClient } from '../../shared/aws/dynamodb.ts';
import { httpFunction } from '../../shared/http/http-function.ts';
import { tokenVerifier } from '../../shared/http/token-verifier.ts';
import { openUserPool, readClientSecrets } from '../../shared/identity/user-pool.ts';
import { issueToken } from '../../shared/routes/tokens.ts';
import { RIVALS } from './rivals.ts';
import { stubCall, stubEnvironment, stubTransport } from './stub-aws.ts';
import { TOKEN_EVENT } from './token-event.ts';

export type Told = { readonly port: number } | { readonly processorMicroseconds: number };

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

type Caller = { call(operation: string, input: object): Promise<unknown> };

async function tokenFunction(answered: 'requests' | 'calls' = 'requests') {
  Object.assign(process.env, stubEnvironment('https://stub.example'), {
    METRICS_NAMESPACE: 'bench',
  });
  const settings = { maxAttempts: 3, transport: stubTransport };
  const table = { client: dynamoDbClient(settings), name: 'stub' };
  const userPool = openUserPool({ poolId: 'eu-west-1_stub', apiClientId: 'stub' });
  const pool = { ...userPool, client: cognitoClient(settings) };
  const clients: readonly Caller[] = [table.client, pool.client] as unknown as Caller[];
  if (answered === 'calls') for (const client of clients) client.call = stubCall;
  await readClientSecrets(pool);
  const jwksUri = 'https://stub.example/jwks.json';
  const verifier = tokenVerifier({ issuer: 'https://stub.example', jwksUri, clientId: 'stub' });
  const endpoints = [issueTokenEndpoint({ table, pool, verifier })];
  return { clients, handler: httpFunction({ routes: [issueToken], endpoints }) as unknown as Handler };
}

/** The calls of AWS that our endpoint makes for a request, made again for each, and nothing besides. */
async function callsAlone(): Promise<Handler> {
  const { clients, handler } = await tokenFunction();
  const sent: (() => Promise<unknown>)[] = [];
  const restore = clients.map((client) => {
    const { call } = client;
    client.call = (operation, input) => {
      const again = () => call.call(client, operation, input);
      sent.push(again);
      return again();
    };
    return () => {
      client.call = call;
    };
  });
  const reply = await handler(TOKEN_EVENT, CONTEXT);
  for (const undo of restore) undo();
  const [read, reserve, ...others] = sent;
  if (others.length !== 2) throw new Error(`A token request made ${sent.length} calls of AWS`);
  return async () => {
    await Promise.all([read?.(), reserve?.()]);
    for (const call of others) await call();
    return reply;
  };
}

const CONTEXT = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 30_000 };

function behindHttp(handler: Handler): RequestListener {
  return async (request, response) => {
    const body = await buffer(request);
    const { method = '', url: rawPath = '', rawHeaders } = request;
    const received = { method, rawPath, rawQueryString: '', rawHeaders, body, protocol: 'HTTP/1.1' };
    const event = toEvent(
      { ...received, sourceIp: '192.0.2.1', port: 443 },
      { functionName: 'tokens', auth: 'public', routeKey: `${method} ${rawPath}` },
      { requestId: crypto.randomUUID(), now: new Date() },
    );
    const reply = toReply(await handler(event, CONTEXT));
    response.writeHead(reply.statusCode, [
      ...reply.headers.flat(),
      'content-length',
      String(reply.body.length),
    ]);
    response.end(reply.body);
  };
}

async function oidcProvider(): Promise<RequestListener> {
  const { oidcProviderListener } = (await import(pathToFileURL(join(RIVALS, 'oidc-provider.js')).href)) as {
    oidcProviderListener: () => Promise<RequestListener>;
  };
  return oidcProviderListener();
}

process.env.NODE_ENV = 'production';
const LISTENERS: Readonly<Record<string, () => Promise<RequestListener>>> = {
  ours: async () => behindHttp((await tokenFunction()).handler),
  'without-calls': async () => behindHttp((await tokenFunction('calls')).handler),
  calls: async () => behindHttp(await callsAlone()),
  'oidc-provider': oidcProvider,
};
const [, , which = ''] = process.argv;
const listener = await LISTENERS[which]?.();
if (listener === undefined) throw new Error(`There is no token endpoint ${which}`);
const tell = (told: Told) => process.send?.(told);
const server = createServer(listener);
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  tell({ processorMicroseconds: user + system });
});
process.once('disconnect', () => process.exit(0));
