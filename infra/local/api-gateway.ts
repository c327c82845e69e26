/** The HTTP API: takes requests, checks signatures where a route asks for IAM, and hands events to functions. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionDefinition } from '../functions.ts';
import type { Outcome } from './functions.ts';
import { type HttpRequest, headersOf, toEvent } from './http-event.ts';
import { gatewayMessage, type HttpReply, INTERNAL_SERVER_ERROR, toReply } from './http-reply.ts';
import { iamIdentity } from './operator.ts';
import { errorCode, Problem } from './problem.ts';
import { makeRouter } from './routing.ts';
import { isSignedBy, type KeyPair } from './signature.ts';

const HOST = '127.0.0.1';
/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const REQUEST_LIMIT_BYTES = 10 * 1024 * 1024;
/** Of the request line and the headers together. */
const HEAD_LIMIT_BYTES = 10_240;
const INTEGRATION_LIMIT_MS = 30_000;
const CLOSE_GRACE_MS = 2000;

type Backend = {
  readonly functions: readonly FunctionDefinition[];
  readonly operator: KeyPair & { readonly region: string };
  invoke(functionName: string, event: unknown): Promise<Outcome>;
  readonly integrationLimitMs?: number;
};

export type ApiGateway = {
  readonly port: number;
  readonly url: string;
  /** Requests that came earlier have waited for this. */
  serve(backend: Backend): void;
  close(): Promise<void>;
};

/** Takes the port at once, so that a stack which cannot have it starts nothing else. */
export async function openApiGateway(port: number): Promise<ApiGateway> {
  const ready = Promise.withResolvers<(request: HttpRequest) => Promise<HttpReply>>();
  ready.promise.catch(() => undefined);
  const server = createServer({ maxHeaderSize: HEAD_LIMIT_BYTES }, (request, response) => {
    void respond(request, response, ready.promise).catch(() => response.destroy());
  });
  const taken = await listen(server, port);
  return {
    port: taken,
    url: `http://${HOST}:${taken}`,
    serve: (backend) => ready.resolve(makeAnswerer(backend)),
    async close() {
      ready.reject(new Error('The stack is stopping'));
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const grace = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
      await closed;
      clearTimeout(grace);
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const code = errorCode(error);
      if (code === 'EADDRINUSE') {
        reject(new Problem(`Port ${port} is taken: stop what listens there, or name another with --port.`));
      } else if (code === 'EACCES') {
        reject(new Problem(`Port ${port} may not be used by this account: name another with --port.`));
      } else reject(error);
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function respond(
  incoming: IncomingMessage,
  response: ServerResponse,
  answerer: Promise<(request: HttpRequest) => Promise<HttpReply>>,
): Promise<void> {
  const body = await readBody(incoming);
  if (body === undefined) return write(response, gatewayMessage(413, 'Request Entity Too Large'));
  // A proxy's absolute form says no more than the path.
  const target = (incoming.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const queryAt = target.indexOf('?');
  const answer = await answerer;
  const reply = await answer({
    method: incoming.method ?? 'GET',
    rawPath: (queryAt === -1 ? target : target.slice(0, queryAt)) || '/',
    rawQueryString: queryAt === -1 ? '' : target.slice(queryAt + 1),
    rawHeaders: incoming.rawHeaders,
    body,
    protocol: `HTTP/${incoming.httpVersion}`,
    sourceIp: incoming.socket.remoteAddress ?? HOST,
    port: incoming.socket.localPort ?? 0,
  });
  write(response, reply);
}

/** Undefined when it is over the limit. It is read to its end all the same: many a client listens only then. */
function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve, reject) => {
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= REQUEST_LIMIT_BYTES) chunks.push(chunk);
    });
    incoming.once('end', () => resolve(size > REQUEST_LIMIT_BYTES ? undefined : Buffer.concat(chunks)));
    incoming.once('error', reject);
    incoming.once('aborted', () => reject(new Error('The client went away')));
  });
}

function write(response: ServerResponse, reply: HttpReply): void {
  try {
    response.statusCode = reply.statusCode;
    for (const [name, value] of reply.headers) response.appendHeader(name, value);
  } catch {
    // A function may answer what is no header.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    write(response, INTERNAL_SERVER_ERROR);
    return;
  }
  response.setHeader('content-length', reply.body.length);
  response.end(reply.body);
}

function makeAnswerer(backend: Backend): (request: HttpRequest) => Promise<HttpReply> {
  const route = makeRouter(backend.functions);
  const limitMs = backend.integrationLimitMs ?? INTEGRATION_LIMIT_MS;
  return async (request) => {
    const requestId = randomBytes(11).toString('base64');
    const match = route(request.method, request.rawPath);
    if (match === undefined) return gatewayMessage(404, 'Not Found');
    const meta = { requestId, now: new Date() };
    const { operator } = backend;
    const operatorRoute = match.auth === 'operator';
    if (operatorRoute) {
      const { headers } = headersOf(request.rawHeaders);
      if (!isSignedBy(operator, operator.region, { ...request, headers }, meta.now)) {
        return withRequestId(gatewayMessage(403, 'Forbidden'), requestId);
      }
    }
    const event = toEvent(request, match, operatorRoute ? { ...meta, iam: iamIdentity(operator) } : meta);
    const limit = new AbortController();
    const outcome = await Promise.race([
      backend.invoke(match.functionName, event),
      sleep(limitMs, undefined, { signal: limit.signal }).catch(() => undefined),
    ]);
    limit.abort();
    if (outcome === undefined) return withRequestId(gatewayMessage(503, 'Service Unavailable'), requestId);
    return withRequestId(outcome.ok ? toReply(outcome.payload) : INTERNAL_SERVER_ERROR, requestId);
  };
}

const withRequestId = (reply: HttpReply, requestId: string): HttpReply => ({
  ...reply,
  headers: [...reply.headers, ['apigw-requestid', requestId]],
});
