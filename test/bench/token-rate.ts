/**
 * Token requests (P6): our token endpoint and oidc-provider's, each in a process of its own behind Node's HTTP server,
 * driven over loopback by the same connections, in turns.
 *
 * What is even: neither waits for a store (ours is answered where its clients would send, oidc-provider keeps its one
 * client in memory), both parse HTTP, Basic credentials and a form. What is not: Cognito checks our password and signs
 * our token, so ours makes neither; it serialises, signs and parses four calls of AWS instead, two of them to limit
 * guesses and to write the audit, which oidc-provider has not. A row of its own tells what those calls take.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { installRivals } from './rivals.ts';
import { TOKEN_EVENT } from './token-event.ts';
import type { Told } from './token-process.ts';
import { line, median, type Row, row, takeTurns } from './turns.ts';

const PROCESS = fileURLToPath(new URL('token-process.ts', import.meta.url));
const CONNECTIONS = 32;
const WARM_UP_MILLISECONDS = 3000;
const TURN_MILLISECONDS = 1000;

const { headers, body, rawPath } = TOKEN_EVENT;
const REQUEST = [
  `POST ${rawPath} HTTP/1.1`,
  'host: psa.example',
  ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  `content-length: ${body.length}`,
  '',
  body,
].join('\r\n');

type Turn = {
  readonly requestsPerSecond: number;
  readonly p99Milliseconds: number;
  /** Of the server, for one request. */
  readonly processorMicroseconds: number;
};

export async function benchTokens(rounds: number, say: (line: string) => void): Promise<string> {
  installRivals();
  const servers = {
    ours: await startServer('ours'),
    withoutCalls: await startServer('without-calls'),
    calls: await startServer('calls'),
    oidcProvider: await startServer('oidc-provider'),
  };
  try {
    for (const server of Object.values(servers)) await turn(server, WARM_UP_MILLISECONDS);
    const rows = {
      ours: row('**ours**', () => turn(servers.ours, TURN_MILLISECONDS)),
      withoutCalls: row('ours, its calls of AWS left out', () =>
        turn(servers.withoutCalls, TURN_MILLISECONDS),
      ),
      calls: row('its four calls of AWS alone', () => turn(servers.calls, TURN_MILLISECONDS)),
      oidcProvider: row('oidc-provider, ES256', () => turn(servers.oidcProvider, TURN_MILLISECONDS)),
    };
    await takeTurns(Object.values(rows), rounds, (round) => say(`tokens: round ${round} of ${rounds}`));
    return report(rows, rounds);
  } finally {
    for (const { child } of Object.values(servers)) child.kill();
  }
}

type Server = { readonly child: ChildProcess; readonly port: number };

async function startServer(which: string): Promise<Server> {
  const child = fork(PROCESS, [which], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const told = await nextWord(child);
  if (!('port' in told)) throw new Error(`The token endpoint of ${which} did not start`);
  return { child, port: told.port };
}

async function nextWord(child: ChildProcess): Promise<Told> {
  const heard = new AbortController();
  const ended = once(child, 'exit', heard).then(([code]) => {
    throw new Error(`A token endpoint ended with ${code}`);
  });
  try {
    const [told] = await Promise.race([once(child, 'message', heard), ended]);
    return told as Told;
  } finally {
    heard.abort();
  }
}

async function processorOf({ child }: Server): Promise<number> {
  child.send('processor time?');
  const told = await nextWord(child);
  return 'processorMicroseconds' in told ? told.processorMicroseconds : Number.NaN;
}

async function turn(server: Server, milliseconds: number): Promise<Turn> {
  const before = await processorOf(server);
  const startedAt = performance.now();
  const latencies = (
    await Promise.all(Array.from({ length: CONNECTIONS }, () => drive(server.port, startedAt + milliseconds)))
  ).flat();
  const seconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    requestsPerSecond: latencies.length / seconds,
    p99Milliseconds: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    processorMicroseconds: ((await processorOf(server)) - before) / latencies.length,
  };
}

/** One connection, one request after the other: how long each took, in milliseconds. */
async function drive(port: number, until: number): Promise<number[]> {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  const latencies: number[] = [];
  while (performance.now() < until) {
    const sentAt = performance.now();
    socket.write(REQUEST);
    const reply = await replyOn(socket);
    latencies.push(performance.now() - sentAt);
    if (!reply.startsWith('HTTP/1.1 200 ') || !reply.includes('"access_token"')) throw new Error(reply);
  }
  socket.destroy();
  return latencies;
}

/** Both servers tell the length of what they answer. */
async function replyOn(socket: Socket): Promise<string> {
  let reply = '';
  for (;;) {
    const [part] = (await once(socket, 'data')) as [Buffer];
    reply += part.toString('latin1');
    const headEnd = reply.indexOf('\r\n\r\n');
    const length = /\r\ncontent-length: (\d+)/i.exec(reply)?.[1];
    if (headEnd >= 0 && reply.length >= headEnd + 4 + Number(length)) return reply;
  }
}

type Rows = Readonly<Record<'ours' | 'withoutCalls' | 'calls' | 'oidcProvider', Row<Turn>>>;

function report(rows: Rows, rounds: number): string {
  const of = ({ results }: Row<Turn>, figure: keyof Turn) => median(results.map((turn) => turn[figure]));
  const compared = (one: Row<Turn>, figure: keyof Turn, digits: number) => {
    const ratio = of(one, figure) / of(rows.oidcProvider, figure);
    return `${of(one, figure).toFixed(digits)} (${ratio.toFixed(2)})`;
  };
  return [
    `Medians of ${rounds} turns of ${TURN_MILLISECONDS / 1000} s each, ${CONNECTIONS} connections, one process each, on Node`,
    `${process.versions.node} (${process.arch}). In brackets: of oidc-provider's.`,
    '',
    line('P6', 'requests a second', 'p99, ms', 'processor time of a request, µs'),
    line('---', '---', '---', '---'),
    ...Object.values(rows).map((one) =>
      line(
        one.name,
        compared(one, 'requestsPerSecond', 0),
        compared(one, 'p99Milliseconds', 1),
        compared(one, 'processorMicroseconds', 0),
      ),
    ),
  ].join('\n');
}
