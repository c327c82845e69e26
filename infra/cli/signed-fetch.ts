/** HTTP with Signature Version 4, as routes with IAM authorization ask for. */
import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';

type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

type SignedRequest = {
  readonly method: string;
  /** JSON. */
  readonly body?: string;
  readonly credentials: Credentials | (() => Promise<Credentials>);
  readonly region: string;
  /** Further ones, by lower-case names; signed like the others. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** The name that API Gateway is signed for, whatever host name it is reached by. */
const SERVICE = 'execute-api';

export async function signedFetch(url: string, request: SignedRequest): Promise<Response> {
  const { method, body } = request;
  const target = new URL(url);
  // URLSearchParams writes a space as `+`, which whoever checks a signature takes for a plus.
  target.search = target.search.replaceAll('+', '%20');
  // Fetch sets the host itself, to the very value that was signed.
  const { host: _host, ...headers } = await signedHeaders(target.href, request);
  return fetch(target, { method, headers, redirect: 'error', ...(body === undefined ? {} : { body }) });
}

export async function signedHeaders(url: string, request: SignedRequest): Promise<Record<string, string>> {
  const { method, body, credentials, region, headers: further } = request;
  const target = new URL(url);
  const query: Record<string, string[]> = {};
  for (const [name, value] of target.searchParams) query[name] = [...(query[name] ?? []), value];
  const signer = new SignatureV4({
    service: SERVICE,
    region,
    // Without the caller's other fields, such as a region of its own.
    credentials: typeof credentials === 'function' ? credentials : keysOf(credentials),
    sha256: Sha256,
  });
  const signed = await signer.sign(
    new HttpRequest({
      method,
      protocol: target.protocol,
      hostname: target.hostname,
      path: target.pathname,
      query,
      headers: {
        host: target.host,
        ...further,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    }),
  );
  return signed.headers;
}

const keysOf = ({ accessKeyId, secretAccessKey, sessionToken }: Credentials): Credentials => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken ? { sessionToken } : {}),
});
