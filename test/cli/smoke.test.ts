import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { runSmoke } from '../../infra/cli/smoke-command.ts';
import { challenge } from '../../infra/cli/smoke-reach.ts';
import { stack } from '../support/world.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function smoke(...args: string[]) {
  const lines: string[] = [];
  const print = (line: string) => lines.push(line);
  const code = await runSmoke(args, { out: print, err: print, environment: {} });
  return { code, text: lines.join('\n') };
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

test('a deployment that cannot be reached fails, saying so once', async () => {
  const { code, text } = await smoke('--url', 'http://127.0.0.1:9');
  expect(code).toBe(1);
  expect(text).toMatch(/^http:\/\/127\.0\.0\.1:9 cannot be reached .*right --url.*$/);
});

test.each([
  [[], '--url is missing, and PSA_API_URL is not set'],
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

test.each([
  ['none at all', {}, 'there is no Basic challenge in WWW-Authenticate'],
  ['another scheme', { 'www-authenticate': 'Bearer realm="psa"' }, 'there is no Basic challenge'],
  [
    'one that a gateway renamed',
    { 'x-amzn-remapped-www-authenticate': 'Basic realm="psa"' },
    'renamed to x-amzn-remapped-www-authenticate',
  ],
])('a challenge fails that is %s: clients wait for it', (_what, headers, note) => {
  expect(challenge(new Headers(headers as Record<string, string>), 'Basic')).toEqual({
    ok: false,
    note: expect.stringContaining(note),
  });
});

/** A sound deployment, but for the challenges of what `without` fits. */
async function withoutChallenges(without: RegExp): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { host: _host, connection: _connection, ...headers } = request.headers as Record<string, string>;
      const body = Buffer.concat(chunks);
      const { method = 'GET', url = '/' } = request;
      const init = { method, headers, redirect: 'manual' as const, ...(body.length > 0 ? { body } : {}) };
      void fetch(`${stack.url}${url}`, init).then(async (answer) => {
        response.statusCode = answer.status;
        for (const [name, value] of answer.headers) {
          if (name !== 'www-authenticate' || !without.test(url)) response.setHeader(name, value);
        }
        for (const name of ['content-encoding', 'content-length', 'transfer-encoding'])
          response.removeHeader(name);
        response.end(Buffer.from(await answer.arrayBuffer()));
      });
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test.each([
  [
    'the token endpoint',
    /token$/,
    ['/oauth2/token without credentials', '/oauth2/token with a wrong password'],
  ],
  ['one bearer route', /^\/v2\/hr\/employees$/, ['every bearer route']],
  ['userinfo', /userinfo/, ['every bearer route', 'token that is none']],
])('a deployment that lost the challenge of %s fails there', async (_what, without, failing) => {
  const { code, text } = await smoke('--url', await withoutChallenges(without));
  expect(code).toBe(1);
  const failed = text.split('\n').filter((line) => line.startsWith('FAIL'));
  expect(failed).toEqual(failing.map((what) => expect.stringContaining(what)));
});
