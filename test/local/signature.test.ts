import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, test } from 'vitest';
import { isSignedBy, type KeyPair } from '../../infra/local/signature.ts';

const KEYS: KeyPair = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' };
const NOW = new Date('2026-05-04T10:00:00Z');
const minutesAgo = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000);

/** What the AWS SDK's own signer makes of a request, as it arrives. */
async function signed(options: { keys?: KeyPair; at?: Date; region?: string; service?: string } = {}) {
  const { keys = KEYS, at = NOW, region = 'eu-west-1', service = 'execute-api' } = options;
  const body = '{"company":"Ü"}';
  const signer = new SignatureV4({ service, region, credentials: keys, sha256: Sha256 });
  const request = await signer.sign(
    new HttpRequest({
      method: 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: "/v2/a%20b(c)'/x",
      query: { Cursor: 'a+b/c=', PageSize: '5', b: ['2', '1'] },
      headers: { host: '127.0.0.1:3000', 'content-type': 'application/json' },
      body,
    }),
    { signingDate: at },
  );
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    method: 'POST',
    rawPath: "/v2/a%20b(c)'/x",
    rawQueryString: 'PageSize=5&Cursor=a%2Bb%2Fc%3D&b=2&b=1',
    headers,
    body: Buffer.from(body),
  };
}

const check = (request: Awaited<ReturnType<typeof signed>>) => isSignedBy(KEYS, 'eu-west-1', request, NOW);

test('accepts what the SDK signed', async () => {
  expect(check(await signed())).toBe(true);
  expect(check(await signed({ at: minutesAgo(4.9) }))).toBe(true);
});

test.each([
  ['another secret', { keys: { ...KEYS, secretAccessKey: 'Secret' } }],
  ['another key id', { keys: { ...KEYS, accessKeyId: 'AKIAOTHER' } }],
  ['another region', { region: 'us-east-1' }],
  ['another service', { service: 'dynamodb' }],
  ['a date more than five minutes old', { at: minutesAgo(5.1) }],
  ['a date more than five minutes ahead', { at: minutesAgo(-5.1) }],
])('refuses %s', async (_what, options) => {
  expect(check(await signed(options))).toBe(false);
});

test.each<[string, (request: Awaited<ReturnType<typeof signed>>) => object]>([
  ['body', () => ({ body: Buffer.from('{"company":"A"}') })],
  ['method', () => ({ method: 'PUT' })],
  ['path', () => ({ rawPath: '/v2/other/x' })],
  ['query', () => ({ rawQueryString: 'PageSize=50&Cursor=a%2Bb%2Fc%3D&b=2&b=1' })],
  ['signed header', ({ headers }) => ({ headers: { ...headers, host: 'elsewhere' } })],
  ['body hash', ({ headers }) => ({ headers: { ...headers, 'x-amz-content-sha256': '0'.repeat(64) } })],
  [
    'signature',
    ({ headers }) => ({ headers: { ...headers, authorization: `${headers.authorization?.slice(0, -1)}g` } }),
  ],
  ['session token', ({ headers }) => ({ headers: { ...headers, 'x-amz-security-token': 'other' } })],
])('refuses an altered %s', async (_what, alter) => {
  const request = await signed();
  expect(check({ ...request, ...alter(request) })).toBe(false);
});

test.each(['', 'Basic YTpi', 'Bearer x', 'AWS4-HMAC-SHA256 Credential=x'])(
  'refuses "%s"',
  async (authorization) => {
    const request = await signed();
    expect(check({ ...request, headers: { ...request.headers, authorization } })).toBe(false);
  },
);
