import {
  isServerError,
  isThrottlingError,
  isTransientError,
  StandardRetryStrategy,
} from '@smithy/core/retry';
import { Hash } from '@smithy/core/serde';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { HttpRequest, type HttpResponse } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Credentials, environmentCredentials, readEnvironment } from '../config.ts';

/** A service of AWS that speaks JSON: one POST to `/` for each operation, which a header names. */
export type Service = {
  /** Of `AWS_ENDPOINT_URL_<id>`. */
  readonly id: string;
  /** Of its host name and of the signature's scope. */
  readonly name: string;
  /** Stands before the operation in `x-amz-target`. */
  readonly target: string;
  readonly jsonVersion: '1.0' | '1.1';
  /** Operations that prove by a token in their body who asks: AWS takes no signature for them. */
  readonly unsigned?: ReadonlySet<string>;
};

/** Name, input and output of each operation that is called. */
export type Operations = Readonly<Record<string, readonly [input: object, output: object]>>;

export type ClientSettings = {
  /** The first call and its repetitions, after throttling, faults of the service and broken connections. */
  readonly maxAttempts: number;
  /** Each absent one comes from the environment, as the SDK names it. */
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: Credentials;
  readonly requestHandler?: Pick<NodeHttpHandler, 'handle'>;
};

/** What a service refused, or failed to do. `name` is the service's own, without its namespace. */
export class AwsError extends Error {
  override readonly name: string;
  /** Where retries look for the status. */
  readonly $metadata: { readonly httpStatusCode: number };
  /** The whole answer: some errors carry more than a message. */
  readonly body: Readonly<Record<string, unknown>>;

  constructor(name: string, httpStatusCode: number, body: Readonly<Record<string, unknown>> = {}) {
    super(String(body.message ?? body.Message ?? name));
    this.name = name;
    this.$metadata = { httpStatusCode };
    this.body = body;
  }
}

export function isAwsError(error: unknown, ...names: readonly string[]): error is AwsError {
  return error instanceof AwsError && names.includes(error.name);
}

/**
 * Calls a service by signer, transport and retries of the AWS SDK, without its client: that is four fifths of a cold
 * start, and most of a warm request (docs/decisions/0041-aws-json.md).
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
export class JsonClient<Known extends Operations> {
  readonly service: Service;
  readonly #endpoint: URL;
  readonly #signer: SignatureV4;
  readonly #transport: Pick<NodeHttpHandler, 'handle'>;
  readonly #retries: StandardRetryStrategy;

  constructor(service: Service, settings: ClientSettings) {
    const region = settings.region ?? readEnvironment(['AWS_REGION']).AWS_REGION;
    this.service = service;
    this.#endpoint = new URL(settings.endpoint ?? endpointOf(service, region));
    this.#signer = new SignatureV4({
      service: service.name,
      region,
      credentials: settings.credentials ?? environmentCredentials,
      sha256: Hash.bind(null, 'sha256'),
    });
    this.#transport = settings.requestHandler ?? new NodeHttpHandler();
    this.#retries = new StandardRetryStrategy(settings.maxAttempts);
  }

  /** @throws AwsError when the service refused or failed; what broke on the way there as Node names it. */
  async call<Name extends keyof Known & string>(
    operation: Name,
    input: Known[Name][0],
  ): Promise<Known[Name][1]> {
    const body = JSON.stringify(input);
    const id = crypto.randomUUID();
    let token = await this.#retries.acquireInitialRetryToken('');
    for (;;) {
      try {
        const answer = await this.#send(operation, body, id);
        this.#retries.recordSuccess(token);
        return answer;
      } catch (error) {
        const again = await this.#retries
          .refreshRetryTokenForRetry(token, { errorType: errorTypeOf(error as Error) })
          .catch(() => undefined);
        if (again === undefined) throw error;
        token = again;
      }
    }
  }

  async #send(operation: string, body: string, id: string): Promise<object> {
    const { protocol, hostname, port, host } = this.#endpoint;
    const request = new HttpRequest({
      method: 'POST',
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: '/',
      headers: {
        host,
        'content-type': `application/x-amz-json-${this.service.jsonVersion}`,
        'content-length': String(Buffer.byteLength(body)),
        'x-amz-target': `${this.service.target}.${operation}`,
        // The same at each try: by it, as with the SDK, tries of one call are told from calls.
        'amz-sdk-invocation-id': id,
      },
      body,
    });
    const signed = this.service.unsigned?.has(operation) ? request : await this.#signer.sign(request);
    const { response } = await this.#transport.handle(signed as HttpRequest);
    return answerOf(response);
  }
}

/** Decides on whether and when it is tried again, as in the SDK. */
function errorTypeOf(thrown: Error) {
  const error = thrown as Parameters<typeof isTransientError>[0];
  if (isThrottlingError(error)) return 'THROTTLING';
  if (isTransientError(error)) return 'TRANSIENT';
  return isServerError(error) ? 'SERVER_ERROR' : 'CLIENT_ERROR';
}

async function answerOf({ statusCode, headers, body }: HttpResponse): Promise<object> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  const text = Buffer.concat(parts).toString('utf8');
  if (statusCode === 200) return text === '' ? {} : JSON.parse(text);
  const fields = parseError(text);
  const type = fields.__type ?? fields.code ?? headers['x-amzn-errortype'];
  throw new AwsError(nameOf(type) ?? `Http${statusCode}`, statusCode, fields);
}

/** Of a fault on the way, a load balancer's, it need not be JSON. */
function parseError(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException`, or the last part alone. */
function nameOf(type: unknown): string | undefined {
  return typeof type === 'string' ? type.replace(/^.*#|:.*$/g, '') : undefined;
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
function endpointOf({ id, name }: Service, region: string): string {
  const given = process.env[`AWS_ENDPOINT_URL_${id}`] || process.env.AWS_ENDPOINT_URL;
  return given || `https://${name}.${region}.${domainOf(region)}`;
}

/** Of the partitions that are open to anybody. */
function domainOf(region: string): string {
  if (region.startsWith('cn-')) return 'amazonaws.com.cn';
  return region.startsWith('eusc-') ? 'amazonaws.eu' : 'amazonaws.com';
}
