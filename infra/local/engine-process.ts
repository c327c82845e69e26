/** Runs the table engine, which knows nothing of its stack, and ends it when the stack is gone. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { liveWithStack, tellStack } from './child.ts';

export type FromEngine =
  | { readonly kind: 'ready'; readonly port: number; readonly pid: number }
  | { readonly kind: 'failed'; readonly message: string };

const HOST = '127.0.0.1';
const PORT_TRIES = 5;
const [binary = '', database = ''] = process.argv.slice(2);
let engine: ChildProcess | undefined;

liveWithStack(() => {
  // By force: the engine's data is safe at every moment, and it takes its time over a polite end.
  engine?.kill('SIGKILL');
  process.exit(0);
});

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, HOST, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Resolves once it listens, with false when it ended instead. */
function run(port: number, output: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(binary, ['serve', '--host', HOST, '--port', String(port), '--db-path', database], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    engine = child;
    const read = (chunk: Buffer) => {
      const text = chunk.toString();
      process.stdout.write(text);
      output.push(text);
      if (text.includes('listening on')) resolve(true);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', (error) => {
      output.push(error.message);
      resolve(false);
    });
    child.once('close', () => resolve(false));
  });
}

for (let round = 1; ; round += 1) {
  // The engine cannot pick a port and tell which; another program may take this one first, hence the rounds.
  const port = await freePort();
  const output: string[] = [];
  if (await run(port, output)) {
    tellStack<FromEngine>({ kind: 'ready', port, pid: engine?.pid ?? 0 });
    engine?.once('exit', () => process.exit(1));
    break;
  }
  const message = output.join('').trim();
  if (round < PORT_TRIES && message.includes('already in use')) continue;
  tellStack<FromEngine>({ kind: 'failed', message }, () => process.exit(1));
  break;
}
