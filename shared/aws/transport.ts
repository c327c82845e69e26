import type { Agent, IncomingMessage } from 'node:http';
import { urlToHttpOptions } from 'node:url';

type Request = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Must reach the service at most once: it goes over no connection that may be dead already. */
  readonly once: boolean;
};

export type Answer = {
  readonly statusCode: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
};

/** @throws TimeoutError where an answer does not come, or not whole; else what Node throws. */
export type Transport = (request: Request) => Promise<Answer>;

/** As many at once as the SDK allows. */
const MAX_SOCKETS = 50;
/**
 * The SDK waits for as long as the peer keeps the connection, or five minutes: Lambda would end the function first, and
 * its caller get neither 503 nor a record. Three tries of a peer that is silent take 15 s, of the 29 that a caller has.
 */
const SILENCE_MILLISECONDS = 5000;
/**
 * By the clock on the wall: Lambda freezes a function between two calls, and what the peer sent meanwhile is lost. When it
 * closes a connection AWS does not say; Node's servers do after 5 s.
 */
const FRESH_MILLISECONDS = 4000;

/** POST to `/` by Node's own client, over connections that are kept. */
export function openTransport(endpoint: URL): Transport {
  // An import of the module would read all of its exports, and so load more than is used (docs/performance.md).
  const { Agent, request: open } = process.getBuiltinModule(
    endpoint.protocol === 'https:' ? 'node:https' : 'node:http',
  );
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const options = {
    ...urlToHttpOptions(endpoint),
    agent,
    method: 'POST',
    path: '/',
    timeout: SILENCE_MILLISECONDS,
  };
  let answeredAt = 0;
  return async ({ headers, body, once }) => {
    if (once && Date.now() - answeredAt > FRESH_MILLISECONDS) closeIdle(agent);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = open({ ...options, headers }, resolve);
      // After an answer too, and then of no effect: one that Node takes for none, 101, ends in nothing else.
      request.on('close', () => reject(silence('The connection closed')));
      request.on('timeout', () => request.destroy(silence('No answer came')));
      request.on('error', (error) => reject(isBreak(error) ? silence('The connection broke', error) : error));
      request.end(body);
    });
    const text = await textOf(response);
    answeredAt = Date.now();
    return { statusCode: response.statusCode ?? 0, headers: response.headers, body: text };
  };
}

function closeIdle({ freeSockets }: Agent): void {
  for (const socket of Object.values(freeSockets).flat()) socket?.destroy();
}

/** What was asked for is done or not, as after silence. */
const BREAKS = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
const isBreak = (error: Error) => 'code' in error && BREAKS.has(String(error.code));

const silence = (message: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { name: 'TimeoutError' });

async function textOf(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const brokeOff = (cause?: unknown) => reject(silence('The answer broke off', cause));
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('end', resolve).on('error', brokeOff).on('close', brokeOff);
  });
  return Buffer.concat(parts).toString('utf8');
}
