import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { Credentials } from '../config.ts';

type Headers = Readonly<Record<string, string>>;

type Scope = { readonly region: string; readonly service: string };

/**
 * Signature Version 4 of a POST to `/` without a query, which is all that AWS JSON knows: answers the headers to send.
 * Every header given is signed, `host` must be among them; names are in lower case, values without spaces at their ends
 * or two in a row, so that what is signed is what is sent.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function signerFor({ region, service }: Scope) {
  let derived: { readonly from: string; readonly key: KeyObject } | undefined;
  return (headers: Headers, body: string, credentials: Credentials, now: Date): Headers => {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const from = `${day} ${secretAccessKey}`;
    if (derived?.from !== from) derived = { from, key: signingKey(secretAccessKey, [day, region, service]) };
    const sent = {
      ...headers,
      'x-amz-date': time,
      ...(sessionToken ? { 'x-amz-security-token': sessionToken } : {}),
    };
    const fields = Object.entries(sent).sort(([one], [other]) => (one < other ? -1 : 1));
    const names = fields.map(([name]) => name).join(';');
    const lines = fields.map(([name, value]) => `${name}:${value}\n`).join('');
    const canonical = `POST\n/\n\n${lines}\n${names}\n${sha256(body)}`;
    const scope = `${day}/${region}/${service}/${TERMINATOR}`;
    const signature = hmac(derived.key, `${ALGORITHM}\n${time}\n${scope}\n${sha256(canonical)}`).toString(
      'hex',
    );
    const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
    return { ...sent, authorization };
  };
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const TERMINATOR = 'aws4_request';

const sha256 = (text: string) => hash('sha256', text);
const hmac = (key: KeyObject, text: string) => createHmac('sha256', key).update(text).digest();

/** Of one day, region and service. A key object: of a plain key Node 24 finds out by an exception that it is none. */
function signingKey(secretAccessKey: string, scope: readonly string[]): KeyObject {
  const secret = createSecretKey(Buffer.from(`AWS4${secretAccessKey}`));
  return [...scope, TERMINATOR].reduce((key, part) => createSecretKey(hmac(key, part)), secret);
}
