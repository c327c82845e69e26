import { expect, test } from 'vitest';
import { type HttpRequest, toEvent } from '../../infra/local/http-event.ts';
import { toReply } from '../../infra/local/http-reply.ts';
import { makeRouter } from '../../infra/local/routing.ts';
import { fixtureFunctions } from './fixtures/functions.ts';

const router = makeRouter(fixtureFunctions);

function eventOf(change: Partial<HttpRequest> & { headers?: Record<string, string> } = {}) {
  const { headers = {}, ...fields } = change;
  const request: HttpRequest = {
    method: 'POST',
    rawPath: '/do/this',
    rawQueryString: '',
    rawHeaders: ['Host', 'api.example:3000', 'User-Agent', 'agent', ...Object.entries(headers).flat()],
    body: Buffer.from(''),
    protocol: 'HTTP/1.1',
    sourceIp: '127.0.0.9',
    port: 3000,
    ...fields,
  };
  const match = router(request.method, request.rawPath);
  if (match === undefined) throw new Error('no route');
  return toEvent(request, match, { requestId: 'id', now: new Date('2026-03-02T09:08:07.650Z') });
}

test('an event is the one that AWS documents for payload format 2.0', () => {
  const event = eventOf({
    rawQueryString: 'a=1&b=x%20y&a=2',
    headers: { 'Content-Type': 'application/json', 'X-Thing': 'One', Cookie: 'c=1; d=2' },
    body: Buffer.from('{"ü":1}'),
  });
  expect(event).toEqual({
    version: '2.0',
    routeKey: 'POST /do/{what}',
    rawPath: '/do/this',
    rawQueryString: 'a=1&b=x%20y&a=2',
    cookies: ['c=1', 'd=2'],
    headers: {
      host: 'api.example:3000',
      'user-agent': 'agent',
      'content-type': 'application/json',
      'x-thing': 'One',
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-69a55377-[0-9a-f]{24}$/),
      'x-forwarded-for': '127.0.0.9',
      'x-forwarded-port': '3000',
      'x-forwarded-proto': 'http',
    },
    queryStringParameters: { a: '1,2', b: 'x y' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: 'api.example',
      domainPrefix: 'api',
      http: {
        method: 'POST',
        path: '/do/this',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.9',
        userAgent: 'agent',
      },
      requestId: 'id',
      routeKey: 'POST /do/{what}',
      stage: '$default',
      time: '02/Mar/2026:09:08:07 +0000',
      timeEpoch: 1772442487650,
    },
    pathParameters: { what: 'this' },
    body: '{"ü":1}',
    isBase64Encoded: false,
  });
});

test('the path comes decoded, and the query as it was sent', () => {
  const event = eventOf({ rawPath: '/do/m%C3%BCller%20co', rawQueryString: 'b=x%20y' });
  expect(event.rawPath).toBe('/do/müller co');
  expect(event.requestContext.http.path).toBe('/do/müller co');
  expect(event.pathParameters).toEqual({ what: 'müller co' });
  expect(event.rawQueryString).toBe('b=x%20y');
});

test('what is not there is left out, not empty', () => {
  const event = eventOf();
  for (const field of ['body', 'cookies', 'queryStringParameters']) expect(event).not.toHaveProperty(field);
  expect(event.isBase64Encoded).toBe(false);
});

test.each([
  ['application/json; charset=utf-8', false],
  ['Application/JSON', false],
  ['text/csv', false],
  ['application/xml', false],
  ['application/javascript', false],
  ['application/x-www-form-urlencoded', true],
  ['multipart/form-data; boundary=b', true],
  ['application/octet-stream', true],
  ['application/problem+json', true],
])('a body of type %s arrives base64-encoded: %s', (type, encoded) => {
  const event = eventOf({ headers: { 'content-type': type }, body: Buffer.from('a=b') });
  expect(event.isBase64Encoded).toBe(encoded);
  expect(event.body).toBe(encoded ? 'YT1i' : 'a=b');
});

test('a header that came twice is joined by a comma, as is one in another case', () => {
  const event = eventOf({ rawHeaders: ['X-A', '1', 'x-a', '2', 'Cookie', 'a=1', 'cookie', 'b=2;c=3'] });
  expect(event.headers).toMatchObject({ 'x-a': '1,2' });
  expect(event.headers).not.toHaveProperty('cookie');
  expect(event.cookies).toEqual(['a=1', 'b=2', 'c=3']);
});

test.each([
  ['GET', '/do/known', 'GET /do/known', undefined],
  ['GET', '/do/other', 'GET /do/{what}', { what: 'other' }],
  ['POST', '/do/known', 'POST /do/{what}', { what: 'known' }],
  ['GET', '/do/a%2Fb%20%C3%BC', 'GET /do/{what}', { what: 'a/b ü' }],
  ['PUT', '/a/1/b/2', 'PUT /a/{first}/b/{second}', { first: '1', second: '2' }],
  ['HEAD', '/do/known', '$default', undefined],
  ['GET', '/do/', '$default', undefined],
  ['GET', '/do/known/', '$default', undefined],
  ['GET', '/do/%zz', '$default', undefined],
  ['DELETE', '/do/known', '$default', undefined],
])('%s %s goes to %s', (method, rawPath, routeKey, pathParameters) => {
  const event = eventOf({ method, rawPath });
  expect(event.routeKey).toBe(routeKey);
  expect(event.pathParameters).toEqual(pathParameters);
});

test.each([
  ['an object without a status', { ok: 1 }, 200, 'application/json', '{"ok":1}'],
  ['a string', 'hello', 200, 'application/json', 'hello'],
  ['a status alone', { statusCode: 204 }, 204, 'text/plain;charset=UTF-8', ''],
  ['base64', { statusCode: 200, body: 'aGk=', isBase64Encoded: true }, 200, 'text/plain;charset=UTF-8', 'hi'],
  [
    'a status in words',
    { statusCode: 'many' },
    500,
    'application/json',
    '{"message":"Internal Server Error"}',
  ],
  [
    'a body of fields',
    { statusCode: 200, body: {} },
    500,
    'application/json',
    '{"message":"Internal Server Error"}',
  ],
])('%s is answered as AWS infers it', (_what, payload, statusCode, type, body) => {
  const reply = toReply(payload);
  expect(reply.statusCode).toBe(statusCode);
  expect(Object.fromEntries(reply.headers)['content-type']).toBe(type);
  expect(reply.body.toString()).toBe(body);
});
