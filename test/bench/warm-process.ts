/**
 * Warm requests of one stack: one route, from API Gateway's event to the reply, through our HTTP stack, through hono's Lambda
 * adapter and through NestJS with serverless-express. All three read a number from the path and a JSON body, check
 * them by the same schema, ask the same stubbed store, and answer the same body with the same headers. The route is
 * for nobody in particular: checking a token would cost all three the same, and hide the difference.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { validator } from 'hono/validator';
import * as v from 'valibot';
import { endpoint } from '../../shared/http/call.ts';
import { httpFunction } from '../../shared/http/http-function.ts';
import { defineRoute } from '../../shared/routes/route.ts';
import { granted } from '../../shared/rules/decision.ts';
import { RIVALS } from './rivals.ts';

const CALLS_TO_WARM_UP = 10_000;
const CALLS = 10_000;

const NAME_LENGTH = 60;
const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(NAME_LENGTH));
const fields = v.strictObject({ name, notes: v.optional(v.string()), active: v.boolean() });
const id = v.pipe(v.string(), v.digits(), v.transform(Number));
type Fields = v.InferOutput<typeof fields>;

/** The store, which none of them waits for. */
const save = async (recordId: number, record: Fields) => ({ id: recordId, ...record, version: 2 });

const route = defineRoute({
  method: 'POST',
  path: '/v2/records/{id}',
  operationId: 'bench',
  summary: 'Change a record',
  auth: 'public',
  right: null,
  style: 'plain',
  params: v.object({ id }),
  body: { encodings: ['json'], schema: fields },
  reply: v.unknown(),
  refusals: [],
});

const EVENT = {
  version: '2.0',
  routeKey: 'POST /v2/records/{id}',
  rawPath: '/v2/records/7',
  rawQueryString: '',
  headers: {
    accept: 'application/json',
    'content-length': '68',
    'content-type': 'application/json',
    host: 'psa.example',
    'user-agent': 'bench',
    'x-forwarded-for': '192.0.2.1',
  },
  pathParameters: { id: '7' },
  requestContext: {
    accountId: '000000000000',
    apiId: 'bench',
    domainName: 'psa.example',
    domainPrefix: 'psa',
    http: {
      method: 'POST',
      path: '/v2/records/7',
      protocol: 'HTTP/1.1',
      sourceIp: '192.0.2.1',
      userAgent: 'bench',
    },
    requestId: 'bench',
    routeKey: 'POST /v2/records/{id}',
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: 1_767_225_600_000,
  },
  body: JSON.stringify({ name: 'Second shelf', notes: 'Counted in March', active: true }),
  isBase64Encoded: false,
} as const satisfies APIGatewayProxyEventV2;

type Handler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 30_000 } as Context;

function ours(): Handler {
  const change = endpoint(route, async ({ params, body }) => granted({ json: await save(params.id, body) }));
  return httpFunction({ routes: [route], endpoints: [change] }) as unknown as Handler;
}

function honoHandler(headers: Readonly<Record<string, string>>): Handler {
  const app = new Hono();
  app.use(async (call, next) => {
    await next();
    // The quickest of its ways to set headers.
    for (const [header, value] of Object.entries(headers)) call.res.headers.set(header, value);
  });
  app.post(
    '/v2/records/:id',
    validator('param', (value) => v.parse(v.object({ id }), value)),
    validator('json', (value) => v.parse(fields, value)),
    async (call) => call.json(await save(call.req.valid('param').id, call.req.valid('json'))),
  );
  const handler = handle(app);
  return (event, context) =>
    handler(event as unknown as LambdaEvent, context as never) as Promise<APIGatewayProxyStructuredResultV2>;
}

async function nestHandler(headers: Readonly<Record<string, string>>): Promise<Handler> {
  const { warmNest } = (await import(pathToFileURL(join(RIVALS, 'warm-nest.js')).href)) as {
    warmNest: (route: unknown) => Promise<Handler>;
  };
  return warmNest({
    headers,
    save,
    checkId: (value: unknown) => v.parse(id, value),
    checkFields: (value: unknown) => v.parse(fields, value),
  });
}

// Frameworks check more, and print more, while they are developed with.
process.env.NODE_ENV = 'production';
const expected = await ours()(EVENT, context);
const headers = expected.headers as Record<string, string>;
const HANDLERS: Readonly<Record<string, () => Handler | Promise<Handler>>> = {
  ours,
  hono: () => honoHandler(headers),
  nest: () => nestHandler(headers),
};
const [, , which = ''] = process.argv;
const handler = await HANDLERS[which]?.();
if (handler === undefined) throw new Error(`There is no handler ${which}`);
deepStrictEqual(told(await handler(EVENT, context)), told(expected));
await processorMicroseconds(handler, CALLS_TO_WARM_UP);
process.send?.(await processorMicroseconds(handler, CALLS), () => process.exit(0));

/** What the client sees, however it is spelt; the length API Gateway would add. */
function told({ statusCode, body, headers = {} }: APIGatewayProxyStructuredResultV2) {
  const seen = Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]);
  return {
    statusCode,
    body,
    headers: Object.fromEntries(seen.filter(([header]) => header !== 'content-length')),
  };
}

/** Of one call, one after the other. Waiting for the machine is left out. */
async function processorMicroseconds(handler: Handler, calls: number): Promise<number> {
  const before = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) await handler(EVENT, context);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
