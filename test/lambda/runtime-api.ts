/**
 * Lambda's Runtime API on loopback, for one environment of one function: it hands out invocations one at a time.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Outcome } from '../../infra/local/functions.ts';

export type RuntimeApi = {
  /** host:port, as AWS_LAMBDA_RUNTIME_API wants it. */
  readonly address: string;
  /** Resolves when the function asks for its first invocation; rejects with what its init failed with. */
  readonly ready: Promise<void>;
  invoke(event: unknown, timeoutSeconds: number): Promise<Outcome>;
  /** Invocations that the function has answered, errors among them. */
  readonly answered: () => number;
  close(): Promise<void>;
};

type Invocation = {
  readonly id: string;
  readonly event: unknown;
  readonly deadlineEpochMilliseconds: number;
  readonly settle: (outcome: Outcome) => void;
};

const PREFIX = '/2018-06-01/runtime';

export async function startRuntimeApi(functionName: string): Promise<RuntimeApi> {
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => undefined);
  const waiting: Invocation[] = [];
  const handedOut = new Map<string, Invocation>();
  let idle: ServerResponse | undefined;
  let answered = 0;

  const handOut = () => {
    const invocation = idle === undefined ? undefined : waiting.shift();
    if (idle === undefined || invocation === undefined) return;
    handedOut.set(invocation.id, invocation);
    idle
      .writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': invocation.id,
        'lambda-runtime-deadline-ms': String(invocation.deadlineEpochMilliseconds),
        'lambda-runtime-invoked-function-arn': `arn:aws:lambda:eu-west-1:000000000000:function:${functionName}`,
        'lambda-runtime-trace-id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
      })
      .end(JSON.stringify(invocation.event));
    idle = undefined;
  };

  const take = async (request: IncomingMessage): Promise<boolean> => {
    const [, id = '', verdict] = /\/invocation\/([^/]+)\/(response|error)$/.exec(request.url ?? '') ?? [];
    const body = await json(request);
    if (request.url === `${PREFIX}/init/error`) {
      ready.reject(new Error(`${functionName} does not start: ${JSON.stringify(body)}`));
      return true;
    }
    const invocation = handedOut.get(id);
    if (invocation === undefined) return false;
    handedOut.delete(id);
    answered += 1;
    invocation.settle(
      verdict === 'response'
        ? { ok: true, payload: body }
        : { ok: false, error: 'thrown', message: (body as { errorMessage?: string }).errorMessage ?? '' },
    );
    return true;
  };

  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === `${PREFIX}/invocation/next`) {
      idle = response;
      ready.resolve();
      handOut();
      return;
    }
    take(request).then(
      (known) => response.writeHead(known ? 202 : 404).end('{}'),
      () => response.writeHead(400).end('{}'),
    );
  });
  // The client waits for its next invocation for as long as there is none.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready: ready.promise,
    answered: () => answered,
    invoke: (event, timeoutSeconds) =>
      new Promise((resolve) => {
        const message = `Task timed out after ${timeoutSeconds} seconds`;
        const timer = setTimeout(
          () => resolve({ ok: false, error: 'timed_out', message }),
          timeoutSeconds * 1000,
        );
        const settle = (outcome: Outcome) => {
          clearTimeout(timer);
          resolve(outcome);
        };
        const deadlineEpochMilliseconds = Date.now() + timeoutSeconds * 1000;
        waiting.push({ id: randomUUID(), event, deadlineEpochMilliseconds, settle });
        handOut();
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
