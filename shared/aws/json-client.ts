import { randomUUID } from 'node:crypto';
import {
  getRetryAfterHint,
  isServerError,
  isThrottlingError,
  isTransientError,
  StandardRetryStrategy,
} from '@smithy/core/retry';
import { type Credentials, environmentCredentials, readEnvironment } from '../config.ts';
import { signerFor } from './signer.ts';
import { type Answer, openTransport, type Transport } from './transport.ts';

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
  /** Operations that judge a guess: after silence it may have been judged, and is not made again (S5). */
  readonly judging?: ReadonlySet<string>;
  /** The first pause before a call is tried again that was not throttled; the SDK's default unless named. */
  readonly retryDelayMilliseconds?: number;
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
  readonly transport?: (endpoint: URL) => Transport;
};

/** What a service refused, or failed to do. `name` is the service's own, without its namespace. */
export class AwsError extends Error {
  override readonly name: string;
  /** Where retries look for the status. */
  readonly $metadata: { readonly httpStatusCode: number };
  /** Private, for Lambda writes every enumerable field of what a function throws into its log. */
  readonly #body: Readonly<Record<string, unknown>>;
  readonly #retryAfter: Date | undefined;

  constructor(
    name: string,
    httpStatusCode: number,
    body: Readonly<Record<string, unknown>> = {},
    retryAfter?: Date,
  ) {
    super(String(body.message ?? body.Message ?? name));
    this.name = name;
    this.$metadata = { httpStatusCode };
    this.#body = body;
    this.#retryAfter = retryAfter;
  }

  /** The whole answer: some errors carry more than a message. */
  get body(): Readonly<Record<string, unknown>> {
    return this.#body;
  }

  /** Before when the service does not want to be asked again, if it said so. */
  get retryAfter(): Date | undefined {
    return this.#retryAfter;
  }
}

export function isAwsError(error: unknown, ...names: readonly string[]): error is AwsError {
  return error instanceof AwsError && names.includes(error.name);
}

/**
 * Calls a service by the retries of the AWS SDK, without its client: that was two thirds of what the same calls cost at
 * a cold start, and half of a warm request (docs/decisions/0041-aws-json.md).
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
export class JsonClient<Known extends Operations> {
  readonly service: Service;
  readonly #endpoint: URL;
  readonly #credentials: () => Promise<Credentials>;
  readonly #sign: ReturnType<typeof signerFor>;
  readonly #transport: Transport;
  readonly #retries: StandardRetryStrategy;
  readonly #maxAttempts: number;

  constructor(service: Service, settings: ClientSettings) {
    const region = settings.region ?? readEnvironment(['AWS_REGION']).AWS_REGION;
    this.service = service;
    this.#endpoint = new URL(settings.endpoint ?? endpointOf(service, region));
    this.#credentials = async () => settings.credentials ?? environmentCredentials();
    this.#sign = signerFor({ region, service: service.name });
    this.#transport = (settings.transport ?? openTransport)(this.#endpoint);
    const { maxAttempts } = settings;
    const { retryDelayMilliseconds: baseDelay } = service;
    this.#maxAttempts = maxAttempts;
    this.#retries = new StandardRetryStrategy({ maxAttempts, ...(baseDelay ? { baseDelay } : {}) });
  }

  /** @throws AwsError when the service refused or failed; what broke on the way there as Node names it. */
  async call<Name extends keyof Known & string>(
    operation: Name,
    input: Known[Name][0],
  ): Promise<Known[Name][1]> {
    const body = JSON.stringify(input);
    const invocation = randomUUID();
    let token = await this.#retries.acquireInitialRetryToken('');
    for (;;) {
      try {
        const answer = await this.#send(operation, body, {
          'amz-sdk-invocation-id': invocation,
          'amz-sdk-request': `attempt=${token.getRetryCount() + 1}; max=${this.#maxAttempts}`,
        });
        this.#retries.recordSuccess(token);
        return answer;
      } catch (error) {
        const again = await this.#retries
          .refreshRetryTokenForRetry(token, this.#retryInfoOf(operation, error as Error))
          .catch(() => undefined);
        if (again === undefined) throw error;
        token = again;
      }
    }
  }

  /** Decides on whether and when it is tried again, as in the SDK. */
  #retryInfoOf(operation: string, thrown: Error): RetryInfo {
    const judged = thrown.name === 'TimeoutError' && this.#judges(operation);
    const retryAfterHint = thrown instanceof AwsError ? thrown.retryAfter : undefined;
    return {
      errorType: judged ? 'CLIENT_ERROR' : errorTypeOf(thrown),
      ...(retryAfterHint ? { retryAfterHint } : {}),
    };
  }

  async #send(operation: string, body: string, attempt: Readonly<Record<string, string>>): Promise<object> {
    const unsigned = {
      host: this.#endpoint.host,
      'content-type': `application/x-amz-json-${this.service.jsonVersion}`,
      'content-length': String(Buffer.byteLength(body)),
      'x-amz-target': `${this.service.target}.${operation}`,
      ...attempt,
    };
    const headers = this.service.unsigned?.has(operation)
      ? unsigned
      : this.#sign(unsigned, body, await this.#credentials(), new Date());
    return answerOf(await this.#transport({ headers, body, once: this.#judges(operation) }));
  }

  #judges(operation: string): boolean {
    return this.service.judging?.has(operation) === true;
  }
}

type RetryInfo = Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>[1];

function errorTypeOf(thrown: Error) {
  const error = thrown as Parameters<typeof isTransientError>[0];
  if (isThrottlingError(error)) return 'THROTTLING';
  if (isTransientError(error)) return 'TRANSIENT';
  return isServerError(error) ? 'SERVER_ERROR' : 'CLIENT_ERROR';
}

function answerOf(answer: Answer): object {
  const { statusCode, headers, body: text } = answer;
  const fields = parseObject(text);
  if (statusCode === 200) {
    if (text === '') return {};
    if (fields === undefined) throw new AwsError('UnreadableAnswer', statusCode);
    return fields;
  }
  const name = nameOf(fields, headers) ?? `Http${statusCode}`;
  throw new AwsError(name, statusCode, fields, getRetryAfterHint(answer));
}

/** Of a fault on the way, a load balancer's, it need not be JSON; and what a parser says of it would quote it. */
function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * `com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException`, or the last part alone, and after a colon an
 * address. A service's front door may say it by the header alone.
 */
function nameOf(fields: Record<string, unknown> = {}, headers: Answer['headers']) {
  const { __type: type, code, Code } = fields;
  const name = type ?? code ?? Code ?? headers['x-amzn-errortype'];
  return typeof name === 'string' ? name.replace(/[,:].*$/s, '').replace(/^.*#/, '') : undefined;
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
