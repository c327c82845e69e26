import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * R6: what may befall a call of AWS. A call is a client's, with all its tries; `lost` answers are those whose
 * connection breaks, before the service acted or after.
 */
export const FAULTS = [
  'throttled',
  'answered 500',
  'lost before its effect',
  'lost after its effect, once',
  'lost after its effect, each time',
  'told of a failed condition',
  'told of another transaction',
  'killed with its process before its effect',
  'killed with its process after its effect',
] as const;
export type Fault = (typeof FAULTS)[number];

type Service = 'dynamodb' | 'cognito';
type Plan = { readonly fault: Fault; readonly at: number; readonly calls: string[]; tries: number };

const HOST = '127.0.0.1';
const CONDITIONAL = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems']);

/** Stands between functions and the stand-ins of AWS, and lets one fault befall one call. */
export class FaultyAws {
  readonly urls: Readonly<Record<Service, string>>;
  readonly #servers: readonly Server[];
  #plan: Plan | undefined;
  /** The operation that it befell. */
  hit: string | undefined;

  private constructor(servers: Readonly<Record<Service, Server>>) {
    const urlOf = (server: Server) => `http://${HOST}:${(server.address() as AddressInfo).port}`;
    this.urls = { dynamodb: urlOf(servers.dynamodb), cognito: urlOf(servers.cognito) };
    this.#servers = Object.values(servers);
  }

  static async start(endpoints: Readonly<Record<Service, string>>): Promise<FaultyAws> {
    let faulty: FaultyAws | undefined;
    const front = async (service: Service) => {
      const server = createServer((request, response) => {
        void faulty?.answer(service, endpoints[service], request, response).catch(() => response.destroy());
      });
      await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
      return server;
    };
    faulty = new FaultyAws({ dynamodb: await front('dynamodb'), cognito: await front('cognito') });
    return faulty;
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /** From now on, of the calls that come, the one at this place. */
  plan(fault: Fault, at: number): void {
    this.hit = undefined;
    this.#plan = { fault, at, calls: [], tries: 0 };
  }

  /** Answers how many calls came. */
  clear(): number {
    const { calls = [] } = this.#plan ?? {};
    this.#plan = undefined;
    return calls.length;
  }

  private async answer(service: Service, url: string, request: IncomingMessage, response: ServerResponse) {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const forward = async () => {
      const { host: _host, connection: _connection, ...headers } = request.headers;
      const reply = await fetch(url, {
        method: 'POST',
        headers: headers as Record<string, string>,
        body: new Uint8Array(body),
      });
      return { status: reply.status, text: await reply.text() };
    };
    const pass = async () => {
      const { status, text } = await forward();
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(text);
    };
    const plan = this.#plan;
    if (plan === undefined) return pass();
    const id = String(request.headers['amz-sdk-invocation-id']);
    if (!plan.calls.includes(id)) plan.calls.push(id);
    const place = plan.calls.indexOf(id);
    const dead = plan.fault.startsWith('killed') && this.hit !== undefined && place !== plan.at;
    if (dead) return response.destroy();
    if (place !== plan.at || !applies(plan.fault, operation)) return pass();
    this.hit = operation;
    plan.tries += 1;
    const error = errorOf(plan.fault, service, body);
    if (error !== undefined) {
      response.writeHead(error.status, { 'content-type': 'application/x-amz-json-1.0' });
      return response.end(JSON.stringify(error.body));
    }
    if (plan.fault === 'lost after its effect, once' && plan.tries > 1) return pass();
    if (plan.fault === 'killed with its process after its effect' && plan.tries > 1)
      return response.destroy();
    if (plan.fault.includes('after')) await forward();
    return response.destroy();
  }
}

function applies(fault: Fault, operation: string): boolean {
  const toldOfWrites = fault === 'told of a failed condition' || fault === 'told of another transaction';
  return !toldOfWrites || CONDITIONAL.has(operation);
}

type AwsError = { readonly status: number; readonly body: object };

function errorOf(fault: Fault, service: Service, body: Buffer): AwsError | undefined {
  const told = (status: number, type: string, more: object = {}) => ({
    status,
    body: { __type: type, message: 'injected', ...more },
  });
  const cancelled = (Code: string) => {
    const { TransactItems = [] } = JSON.parse(body.toString()) as { TransactItems?: object[] };
    const at = Math.max(
      0,
      TransactItems.findIndex((item) => JSON.stringify(item).includes('ConditionExpression')),
    );
    const CancellationReasons = TransactItems.map((_, index) => ({ Code: index === at ? Code : 'None' }));
    return told(400, 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException', {
      CancellationReasons,
    });
  };
  const isTransaction = body.includes('"TransactItems"');
  switch (fault) {
    case 'throttled':
      return service === 'cognito'
        ? told(400, 'TooManyRequestsException')
        : told(400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException');
    case 'answered 500':
      return told(500, service === 'cognito' ? 'InternalErrorException' : 'InternalServerError');
    case 'told of a failed condition':
      return isTransaction
        ? cancelled('ConditionalCheckFailed')
        : told(400, 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException');
    case 'told of another transaction':
      return isTransaction
        ? cancelled('TransactionConflict')
        : told(400, 'com.amazonaws.dynamodb.v20120810#TransactionConflictException');
    default:
      return undefined;
  }
}
