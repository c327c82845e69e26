/** Our signature beside that of the SDK's signer, of the same headers, body and moment. */
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { describe, expect, it, test } from 'vitest';
import { signerFor } from '../../shared/aws/signer.ts';

const SCOPE = { region: 'eu-west-1', service: 'dynamodb' };
const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret' };
const NOW = new Date('2026-03-01T04:05:06.789Z');
const HEADERS = {
  host: 'dynamodb.eu-west-1.amazonaws.com',
  'content-type': 'application/x-amz-json-1.0',
  'content-length': '2',
  'x-amz-target': 'DynamoDB_20120810.GetItem',
  'amz-sdk-request': 'attempt=1; max=3',
  'amz-sdk-invocation-id': '00000000-0000-4000-8000-000000000000',
};

type Signed = { headers?: object; body?: string; credentials?: object; now?: Date; scope?: object };

async function bySdk({ headers, body = '{}', credentials, now = NOW, scope }: Signed) {
  const signer = new SignatureV4({
    ...SCOPE,
    ...scope,
    credentials: { ...CREDENTIALS, ...credentials },
    sha256: Hash.bind(null, 'sha256'),
    // It would be sent and signed for S3 alone to read.
    applyChecksum: false,
  });
  const sent = { ...HEADERS, ...headers };
  const request = { method: 'POST', protocol: 'https:', hostname: sent.host, path: '/', headers: sent, body };
  return (await signer.sign(request, { signingDate: now })).headers;
}

const byUs = ({ headers, body = '{}', credentials, now = NOW, scope }: Signed) =>
  signerFor({ ...SCOPE, ...scope })(
    { ...HEADERS, ...headers },
    body,
    { ...CREDENTIALS, ...credentials },
    now,
  );

describe('the headers are the same', () => {
  it.each<[string, Signed]>([
    ['a call', {}],
    ['no body', { body: '' }],
    ['a body in many alphabets', { body: '{"name":"Żółć 你好 𝒳 \u0000 \\ud800"}' }],
    ['a large body', { body: JSON.stringify({ text: 'x'.repeat(1_000_000) }) }],
    ['temporary credentials', { credentials: { sessionToken: 'a/session+token==' } }],
    ['a secret of odd characters', { credentials: { secretAccessKey: '+/ä=\n ' } }],
    ['another service', { scope: { service: 'cognito-idp' } }],
    ['another region', { scope: { region: 'us-gov-east-1' } }],
    ['a port in the host', { headers: { host: '127.0.0.1:8000' } }],
    ['the last moment of a year', { now: new Date('2026-12-31T23:59:59.999Z') }],
    ['the first of the next', { now: new Date('2027-01-01T00:00:00.000Z') }],
  ])('%s', async (_, signed) => {
    expect(byUs(signed)).toEqual(await bySdk(signed));
  });
});

test('the key is derived anew for another day, and for other credentials', async () => {
  const sign = signerFor(SCOPE);
  const days = [NOW, new Date('2026-03-02T00:00:00.000Z'), NOW];
  const secrets = ['a secret', 'another', 'a secret'];
  for (const now of days) {
    for (const secretAccessKey of secrets) {
      const credentials = { ...CREDENTIALS, secretAccessKey };
      expect(sign(HEADERS, '{}', credentials, now)).toEqual(await bySdk({ credentials, now }));
    }
  }
});

test('whatever differs in a call differs in its signature', () => {
  const differing: Signed[] = [
    {},
    { body: '{ }' },
    { headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem' } },
    { headers: { host: 'elsewhere.example' } },
    { credentials: { secretAccessKey: 'a Secret' } },
    { scope: { region: 'eu-west-2' } },
    { scope: { service: 'events' } },
    { now: new Date(NOW.getTime() + 1000) },
  ];
  const signatures = differing.map((signed) => /Signature=(.*)$/.exec(byUs(signed).authorization ?? '')?.[1]);
  expect(new Set(signatures).size).toBe(differing.length);
});
