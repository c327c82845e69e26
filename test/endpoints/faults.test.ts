import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { basic } from '../../infra/local/clients.ts';
import { toEvent } from '../../infra/local/http-event.ts';

/** What AWS may say, none of which is for a client. */
const AWS_TEXT = 'User: arn:aws:sts::111122223333:assumed-role/tokens is not authorized to perform: dynamodb';
const FAULTS = {
  'refuses the function itself': [
    400,
    JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', message: AWS_TEXT }),
  ],
  'is without the table': [
    400,
    JSON.stringify({
      __type: 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
      message: AWS_TEXT,
    }),
  ],
  'finds the request wrong': [
    400,
    JSON.stringify({ __type: 'com.amazon.coral.validate#ValidationException', message: AWS_TEXT }),
  ],
  'answers nonsense': [200, '<html>arn:aws:dynamodb</html>'],
} as const;

const PENDING = `__Host-sign-in=${'a'.repeat(43)}`;

type Handler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

let server: Server;
let answer: readonly [number, string];
let asked = 0;
const handlers: Record<string, Handler> = {};
beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      asked += 1;
      response.writeHead(answer[0], { 'content-type': 'application/x-amz-json-1.0' }).end(answer[1]);
    });
  });
  answer = FAULTS['answers nonsense'];
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: url,
    AWS_MAX_ATTEMPTS: '1',
    LOG_LEVEL: 'SILENT',
    TABLE_NAME: 'table',
    USER_POOL_ID: 'eu-west-1_test',
    API_CLIENT_ID: 'api',
    GATEWAY_CLIENT_ID: 'gateway',
    TOKEN_ISSUER: url,
    TOKEN_JWKS_URI: `${url}/jwks.json`,
    PUBLIC_URL: 'https://psa.example',
  });
  for (const name of ['tokens', 'passwords', 'gateway', 'tenants']) {
    const { handler } = (await import(`../../functions/${name}/handler.ts`)) as { handler: Handler };
    handlers[name] = handler;
  }
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

type Sent = { by: string; routeKey: string; headers?: Record<string, string>; body?: string };
async function send({ by, routeKey, headers = {}, body = '' }: Sent) {
  const [method = '', rawPath = ''] = routeKey.split(' ');
  const event = toEvent(
    {
      method,
      rawPath,
      rawQueryString: '',
      rawHeaders: Object.entries(headers).flat(),
      body: Buffer.from(body),
      protocol: 'HTTP/1.1',
      sourceIp: '198.51.100.7',
      port: 443,
    },
    { routeKey, functionName: by, auth: 'public' },
    { requestId: 'correlation-1', now: new Date(), ...(by === 'tenants' ? { iam: OPERATOR } : {}) },
  );
  const handler = handlers[by];
  if (handler === undefined) throw new Error(`No function ${by}`);
  return handler(event as unknown as APIGatewayProxyEventV2, {} as Context);
}

const OPERATOR = {
  accessKey: 'key',
  accountId: '111122223333',
  callerId: 'caller',
  cognitoIdentity: null,
  principalOrgId: '',
  userArn: 'arn:aws:iam::111122223333:user/operator',
  userId: 'operator',
};
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const SENTENCE =
  'Something went wrong on our side. Try again; if it stays, tell your provider the correlation id.';
const V2 = {
  success: false,
  result: null,
  error: expect.objectContaining({
    code: 500,
    message: SENTENCE,
    reason: 'fault',
    correlationId: 'correlation-1',
    stackStrace: null,
  }),
};
const OAUTH = {
  error: 'server_error',
  error_description: SENTENCE,
  reason: 'fault',
  correlation_id: 'correlation-1',
};

const calls: [string, Sent, object | undefined][] = [
  [
    'an OAuth route',
    {
      by: 'tokens',
      routeKey: 'POST /oauth2/token',
      headers: { ...FORM, authorization: basic('acme\\bot', 'seventeen quiet lanterns') },
      body: 'grant_type=client_credentials',
    },
    OAUTH,
  ],
  [
    'a V2 route',
    {
      by: 'tokens',
      routeKey: 'POST /v2/security/authenticate',
      headers: FORM,
      body: 'GrantType=password&Tenant=acme&UserName=bot&Password=seventeen+quiet+lanterns',
    },
    V2,
  ],
  ['an operator route', { by: 'tenants', routeKey: 'GET /v2/platform/tenants' }, V2],
  ['a page', { by: 'gateway', routeKey: 'GET /sign-in/code', headers: { cookie: PENDING } }, undefined],
];

describe.each(Object.entries(FAULTS))('S12: where AWS %s', (_, fault) => {
  beforeEach(() => {
    answer = fault;
    asked = 0;
  });

  test.each(calls)('%s answers 500 with a correlation id, and nothing more', async (_, sent, expected) => {
    const reply = await send(sent);
    expect(asked, 'calls of AWS').toBeGreaterThan(0);
    expect(reply.statusCode).toBe(500);
    expect(reply.headers?.['x-correlation-id']).toBe('correlation-1');
    const body = reply.body ?? '';
    if (expected) expect(JSON.parse(body)).toEqual(expected);
    else expect(body).toContain('correlation-1');
    expect(body).not.toMatch(/arn:aws|AccessDenied|ResourceNotFound|Validation|dynamodb|SyntaxError|\bat /i);
  });
});

const told = (type: string) => JSON.stringify({ __type: type, message: AWS_TEXT });

describe.each([
  ['throttles', 400, told('com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException')],
  ['is out of order', 500, told('InternalServerError')],
  ['is out of order under another name', 503, told('SomethingNewException')],
  ['is behind a balancer that says so', 503, '<html>arn:aws:dynamodb</html>'],
  ['finds the pre-token trigger without an answer', 400, told('UserLambdaValidationException')],
  ['has not ended a first try', 400, told('com.amazonaws.dynamodb.v20120810#TransactionInProgressException')],
])('where AWS %s', (_, status, body) => {
  beforeEach(() => {
    answer = [status, body];
    asked = 0;
  });

  test.each(calls)('%s answers 503 and when to come again', async (_, sent) => {
    const reply = await send(sent);
    expect(asked, 'calls of AWS').toBeGreaterThan(0);
    expect(reply.statusCode).toBe(503);
    expect(Number(reply.headers?.['retry-after'])).toBeGreaterThan(0);
    expect(reply.body).not.toMatch(/arn:aws|Throughput|InternalServer|SomethingNew|InProgress|dynamodb/i);
  });
});
