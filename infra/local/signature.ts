/**
 * Checks a Signature Version 4 in the Authorization header, as API Gateway does on routes with IAM authorization.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export type KeyPair = { readonly accessKeyId: string; readonly secretAccessKey: string };

type SignedRequest = {
  readonly method: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The service that it is signed for; API Gateway's unless it says so. */
  readonly service?: string;
};

const MAXIMUM_SKEW_MS = 5 * 60_000;
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/(\d{8})\/([^/,\s]+)\/([^/,\s]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

/** RFC 3986: everything but the unreserved characters. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Every service but S3 signs the path as it is sent, encoded once more. */
const canonicalPath = (rawPath: string) => rawPath.split('/').map(encode).join('/');

function canonicalQuery(rawQueryString: string): string {
  if (rawQueryString === '') return '';
  return rawQueryString
    .split('&')
    .map((pair) => {
      const [name = '', ...rest] = pair.split('=');
      return [name, rest.join('=')].map((part) => encode(decodeURIComponent(part)));
    })
    .sort(([a = '', x = ''], [b = '', y = '']) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
    .map((pair) => pair.join('='))
    .join('&');
}

/** `20260824T101500Z` */
function parseTime(time: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  if (parts === null) return Number.NaN;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** True when the key pair signed exactly this request, for this region, within five minutes of now. */
export function isSignedBy(keyPair: KeyPair, region: string, request: SignedRequest, now: Date): boolean {
  const { headers, body, service: wanted = 'execute-api' } = request;
  const parts = AUTHORIZATION.exec(headers.authorization ?? '');
  if (parts === null) return false;
  const [, accessKeyId = '', day = '', scopeRegion = '', service = '', names = '', signature = ''] = parts;
  if (accessKeyId !== keyPair.accessKeyId || scopeRegion !== region || service !== wanted) return false;

  const time = headers['x-amz-date'] ?? '';
  const skew = Math.abs(now.getTime() - parseTime(time));
  if (!(skew <= MAXIMUM_SKEW_MS) || !time.startsWith(day)) return false;
  // The key pair is a lasting one: a session token with it is somebody else's.
  if (headers['x-amz-security-token'] !== undefined) return false;

  const signed = names.split(';');
  if (!signed.includes('host') || !signed.includes('x-amz-date')) return false;
  const bodyHash = sha256(body);
  const claimedHash = headers['x-amz-content-sha256'];
  if (claimedHash !== undefined && claimedHash !== bodyHash) return false;

  let canonical: string;
  try {
    canonical = [
      request.method,
      canonicalPath(request.rawPath),
      canonicalQuery(request.rawQueryString),
      ...signed.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/g, ' ')}`),
      '',
      names,
      bodyHash,
    ].join('\n');
  } catch {
    return false;
  }
  const scope = `${day}/${region}/${wanted}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n');
  const dayKey = hmac(`AWS4${keyPair.secretAccessKey}`, day);
  const key = hmac(hmac(hmac(dayKey, region), wanted), 'aws4_request');
  return timingSafeEqual(hmac(key, toSign), Buffer.from(signature, 'hex'));
}
