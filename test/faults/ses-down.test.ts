/** R7: SES is out of order for a while. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Browser, formField, readInbox } from '../../infra/local/clients.ts';
import { startFunction } from '../../infra/local/functions.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import type { RetryLimits } from '../../infra/local/stream-delivery.ts';
import { temporaryFolder } from '../local/support.ts';
import { OwnStack } from '../support/own-stack.ts';

const PASSWORD = 'seventeen quiet lanterns';
const ALICE = 'alice@outage.example';

/** In front of the inbox; `down`, it answers as an SES does that is out of order. */
async function frontOfSes() {
  const state = { down: false, refused: 0, upstream: '' };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (state.down) {
      state.refused += 1;
      response.writeHead(503).end('Service Unavailable');
      return;
    }
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const reply = await fetch(`${state.upstream}${request.url}`, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: new Uint8Array(Buffer.concat(chunks)),
    });
    response.writeHead(reply.status, { 'content-type': 'text/xml' }).end(await reply.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function startBehind(ses: Awaited<ReturnType<typeof frontOfSes>>, streamRetry: RetryLimits) {
  const stateDir = await temporaryFolder();
  const stack = await startStack({
    port: 0,
    stateDir,
    streamRetry,
    startFunction: (options) => {
      const { deployment } = options;
      ses.state.upstream = deployment.endpoints.ses;
      const endpoints = { ...deployment.endpoints, ses: ses.url };
      return startFunction({ ...options, deployment: { ...deployment, endpoints } });
    },
  });
  onTestFinished(() => stack.close());
  return { stack, stateDir, own: new OwnStack(stack, 'outage') };
}

/** Asks for a link on the public page; the page, without what is new each time. */
async function askForLink({ url }: Stack, userName: string) {
  const browser = new Browser();
  const screen = await browser.get(`${url}/password/reset?company=outage`);
  const formToken = formField(screen.html, 'formToken');
  const page = await browser.post(`${url}/password/reset`, { company: 'outage', userName, formToken });
  return { status: page.status, html: page.html.replaceAll(userName, '').replaceAll(/value="[^"]*"/g, '') };
}
const linksTo = async ({ inboxUrl }: Stack, address: string) =>
  (await readInbox(inboxUrl)).filter(({ to, subject }) => to.includes(address) && /reset/i.test(subject))
    .length;

test('R7 the public answer is unchanged, and the mail goes out once SES is back', async () => {
  const ses = await frontOfSes();
  const { stack, own } = await startBehind(ses, { retries: 200, firstPauseMs: 50, longestPauseMs: 300 });
  await own.found(ALICE, PASSWORD);
  const before = await askForLink(stack, 'nobody-at-all');
  ses.state.down = true;
  const during = await askForLink(stack, 'alice');
  expect(during).toEqual(before);
  await expect.poll(() => ses.state.refused, { timeout: 10_000 }).toBeGreaterThan(2);
  expect(await linksTo(stack, ALICE)).toBe(0);
  ses.state.down = false;
  await expect.poll(() => linksTo(stack, ALICE), { timeout: 15_000 }).toBe(1);
  await own.choose(ALICE, 2, `${PASSWORD} anew`);
  await own.tokenOf('alice', `${PASSWORD} anew`);
}, 60_000);

test('R7 what was given up is among the dead letters, and one command sends it', async () => {
  const ses = await frontOfSes();
  const { stack, stateDir, own } = await startBehind(ses, {
    retries: 2,
    firstPauseMs: 20,
    longestPauseMs: 50,
  });
  await own.found(ALICE, PASSWORD);
  ses.state.down = true;
  await askForLink(stack, 'alice');
  const letters = () =>
    readFile(join(stateDir, 'dead-letters', 'after-commit.jsonl'), 'utf8').catch(() => '');
  await expect.poll(letters, { timeout: 20_000 }).toContain('RESET#');
  const seen = await own.reconcile('--owed-for', '0');
  expect(seen.code).toBe(3);
  expect(seen.out).toMatch(/^Owed mails +1$/m);
  ses.state.down = false;
  expect(await linksTo(stack, ALICE)).toBe(0);
  expect((await own.reconcile('--owed-for', '0', '--repair')).out).toMatch(/^Owed mails +1, 1 sent/m);
  await expect.poll(() => linksTo(stack, ALICE), { timeout: 15_000 }).toBe(1);
  await own.choose(ALICE, 2, `${PASSWORD} anew`);
}, 60_000);
