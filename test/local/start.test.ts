/** `npm start`, as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { allGone, temporaryFolder } from './support.ts';

const START = fileURLToPath(new URL('../../infra/local/start.ts', import.meta.url));

function start(args: string[]) {
  const child: ChildProcess = spawn(process.execPath, [START, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  const readyToRead = Promise.withResolvers<void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    said.out += chunk.toString();
    if (said.out.includes('From nothing to an API token')) readyToRead.resolve();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    said.err += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, said, ready: readyToRead.promise, ended };
}

async function refusal(args: string[], exitCode: 1 | 2) {
  const { said, ended } = start(args);
  expect(await ended).toBe(exitCode);
  expect(said.out).toMatch(/^(Starting; .+\n)?$/);
  return said.err;
}

test('comes up in under five seconds, says where things are, and Ctrl-C leaves no process', async () => {
  const stateDir = join(await temporaryFolder(), 'state');
  const { child, said, ready, ended } = start(['--port', '0', '--state', stateDir]);
  await ready;
  // Five seconds of a machine that has nothing else to do; here other tests are running.
  const crowding = (loadavg()[0] ?? 0) / availableParallelism();
  expect(Number(/after ([\d.]+) s/.exec(said.out)?.[1])).toBeLessThan(5 * Math.max(1, crowding));
  const url = /Gateway\s+(\S+)\//.exec(said.out)?.[1] ?? '';
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect((await fetch(/Inbox\s+(\S+)/.exec(said.out)?.[1] ?? '')).status).toBe(200);
  const processes = JSON.parse(await readFile(join(stateDir, 'processes.json'), 'utf8')) as { pid: number }[];
  expect(processes.length).toBeGreaterThanOrEqual(13);

  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(said.err).toBe('');
  await allGone(processes.map(({ pid }) => pid));
  await expect(readFile(join(stateDir, 'lock'))).rejects.toThrow('ENOENT');
});

test.each([
  [['--prot', '3000'], "Unknown option '--prot'."],
  [['--port', 'http'], '--port must be a number from 0 (any free port) to 65535, not "http".'],
  [['--port', '70000'], '--port must be a number from 0 (any free port) to 65535, not "70000".'],
  [['--region', 'Ireland'], '--region must be the name of an AWS region such as eu-west-1, not "Ireland".'],
  [['--state', ''], '--state must name a folder.'],
  [['surplus'], "Unexpected argument 'surplus'."],
])('%j is not understood: %s', async (args, sentence) => {
  expect(await refusal(args, 2)).toBe(`${sentence}\nSee npm start -- --help\n`);
});

test('a state folder that cannot be written is refused in one sentence', async () => {
  const said = await refusal(['--state', '/dev/null/x', '--port', '0'], 1);
  expect(said).toContain('The state folder /dev/null/x cannot be written (ENOTDIR): make it writable');
  expect(said.trimEnd().split('\n')).toHaveLength(1);
});

test('a taken port is refused in one sentence', async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  onTestFinished(() => void server.close());
  const said = await refusal(['--port', String(port), '--state', await temporaryFolder()], 1);
  expect(said).toBe(`Port ${port} is taken: stop what listens there, or name another with --port.\n`);
});

test('--help tells the flags', async () => {
  const { said, ended } = start(['--help']);
  expect(await ended).toBe(0);
  for (const flag of ['--port', '--state', '--fresh', '--watch']) expect(said.out).toContain(flag);
});
