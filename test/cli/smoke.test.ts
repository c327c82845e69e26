import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { runSmoke } from '../../infra/cli/smoke-command.ts';
import { basicChallenge } from '../../infra/cli/smoke-reach.ts';
import { stack } from '../support/world.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function smoke(...args: string[]) {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  return { code: await runSmoke(args, { out: print, err: print }, {}), text: lines.join('\n') };
}

test('a sound deployment passes', async () => {
  const { code, text } = await smoke('--url', stack.url);
  expect(text).toMatch(/smoke: 10 passed, 0 failed$/);
  expect(code).toBe(0);
});

test('a server that lets everybody in fails each check that matters', async () => {
  const open = createServer((_request, response) => response.end('{}'));
  servers.push(open);
  await new Promise<void>((resolve) => open.listen(0, '127.0.0.1', resolve));
  const { code, text } = await smoke('--url', `http://127.0.0.1:${(open.address() as AddressInfo).port}`);
  expect(code).toBe(1);
  for (const what of [
    'operator route',
    'bearer route',
    'Basic challenge',
    'security headers',
    'token that is none',
  ]) {
    expect(text).toMatch(new RegExp(`^FAIL  .*${what}`, 'm'));
  }
});

test('a deployment that cannot be reached fails, saying so', async () => {
  const { code, text } = await smoke('--url', 'http://127.0.0.1:9');
  expect(code).toBe(1);
  expect(text).toContain('FAIL  GET /health');
});

test.each([
  [[], '--url must be an address'],
  [['--url', 'psa.example.com'], '--url must be an address'],
  [['--urll', 'x'], "Unknown option '--urll'"],
])('%j is not understood', async (args, message) => {
  const { code, text } = await smoke(...args);
  expect(code).toBe(2);
  expect(text).toContain(message);
});

test('--help tells what it does', async () => {
  expect((await smoke('--help')).text).toContain('Usage: npm run smoke');
});

test('a renamed challenge passes, and is told', () => {
  const finding = basicChallenge(new Headers({ 'x-amzn-remapped-www-authenticate': 'Basic realm="psa"' }));
  expect(finding).toMatchObject({ ok: true, note: expect.stringContaining('x-amzn-remapped') });
  expect(basicChallenge(new Headers()).ok).toBe(false);
});
