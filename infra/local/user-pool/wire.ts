/**
 * The wire: AWS JSON 1.1 in and out, and the public key set.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { UserPoolError } from './errors.ts';
import { type Input, isObject } from './input.ts';
import { jsonWebKeySet } from './jwt.ts';
import { operations } from './operations.ts';
import type { Pool } from './pool.ts';

const TARGET_PREFIX = 'AWSCognitoIdentityProviderService.';
const SIGNATURE_PREFIX = 'AWS4-HMAC-SHA256 ';
/** Above any request this API allows in practice; a refresh token is under 2 KB. */
const MAX_BODY_BYTES = 256 * 1024;

const unreadable = (message: string) => new UserPoolError('SerializationException', message);

/** The body as text. One that is too big is read to its end, so that the refusal can be read too, but not kept. */
async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > MAX_BODY_BYTES) throw unreadable(`The request is larger than ${MAX_BODY_BYTES} bytes`);
  return Buffer.concat(chunks).toString('utf8');
}

function parseBody(text: string): Input {
  let body: unknown;
  try {
    body = JSON.parse(text === '' ? '{}' : text);
  } catch {
    throw unreadable('The request body is not valid JSON');
  }
  if (!isObject(body)) throw unreadable('The request body is not a JSON object');
  return body;
}

async function answer(pool: Pool, request: IncomingMessage): Promise<object> {
  const body = await readBody(request);
  const target = String(request.headers['x-amz-target'] ?? '');
  const name = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : undefined;
  const operation = name === undefined ? undefined : operations.get(name);
  if (!operation) {
    const what = name ? `The operation ${name}` : `The target "${target}"`;
    throw new UserPoolError('UnknownOperationException', `${what} is not implemented by the local user pool`);
  }
  // The signature itself is not checked: on AWS that, and the permission, is IAM's business.
  if (
    operation.callers === 'aws-credentials' &&
    !request.headers.authorization?.startsWith(SIGNATURE_PREFIX)
  ) {
    throw new UserPoolError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  return operation.run(pool, parseBody(body));
}

function send(response: ServerResponse, status: number, headers: Record<string, string>, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

function sendError(response: ServerResponse, headers: Record<string, string>, error: unknown): void {
  const known = error instanceof UserPoolError;
  // A fault of the stand-in itself: said on the console, told to the caller as AWS tells of its own.
  if (!known) console.error('local user pool:', error);
  const name = known ? error.name : 'InternalErrorException';
  const message = known ? error.message : 'The local user pool failed; its console says why';
  const body = { __type: name, message };
  send(response, known ? 400 : 500, { ...headers, 'x-amzn-errortype': name }, body);
}

export async function handleRequest(
  pool: Pool,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [pathname] = (request.url ?? '/').split('?');
  if (request.method === 'GET' && pathname === `/${pool.identity.poolId}/.well-known/jwks.json`) {
    return send(response, 200, { 'content-type': 'application/json' }, jsonWebKeySet(pool.identity));
  }
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() };
  if (request.method !== 'POST' || pathname !== '/') {
    return send(response, 404, headers, { message: `Nothing at ${request.method} ${pathname}` });
  }
  try {
    send(response, 200, headers, await answer(pool, request));
  } catch (error) {
    // The caller hung up half-way: nobody is left to be answered.
    if (request.errored || response.destroyed) return;
    sendError(response, headers, error);
  }
}
