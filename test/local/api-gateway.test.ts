import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openApiGateway } from '../../infra/local/api-gateway.ts';
import type { Outcome } from '../../infra/local/functions.ts';
import { fixtureFunctions } from './fixtures/functions.ts';

const operator = { accessKeyId: 'k', secretAccessKey: 's', region: 'eu-west-1' };

async function gateway(invoke: () => Promise<Outcome>, options: { catchAll?: boolean } = {}) {
  const opened = await openApiGateway(0);
  onTestFinished(() => opened.close());
  const functions = options.catchAll === false ? [] : fixtureFunctions;
  return { ...opened, start: () => opened.serve({ functions, operator, invoke, integrationLimitMs: 100 }) };
}

test('a function that takes longer than the integration may is answered 503', async () => {
  const { url, start } = await gateway(async () => {
    await sleep(400);
    return { ok: true, payload: 'late' };
  });
  start();
  const response = await fetch(`${url}/do/x`);
  expect(response.status).toBe(503);
  expect(await response.text()).toBe('{"message":"Service Unavailable"}');
});

test('a request that comes before the functions are up waits for them', async () => {
  const { url, start } = await gateway(async () => ({ ok: true, payload: 'early' }));
  const waiting = fetch(`${url}/do/x`);
  await sleep(50);
  start();
  expect(await (await waiting).text()).toBe('early');
});

test('without a catch-all, an unknown path is 404', async () => {
  const { url, start } = await gateway(async () => ({ ok: true, payload: 'x' }), { catchAll: false });
  start();
  const response = await fetch(`${url}/do/x`);
  expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}']);
});

test('a header that cannot be sent is a 500, not a lost connection', async () => {
  const { url, start } = await gateway(async () => ({
    ok: true,
    payload: { statusCode: 200, headers: { 'x-bad': 'a\nb' } },
  }));
  start();
  expect((await fetch(`${url}/do/x`)).status).toBe(500);
});

test('a request line and headers over 10,240 bytes together reach no function', async () => {
  const { url, start } = await gateway(async () => ({ ok: true, payload: 'taken' }));
  start();
  const ask = async (bytes: number) =>
    (await fetch(`${url}/do/x?${'q'.repeat(bytes / 2)}`, { headers: { 'x-long': 'h'.repeat(bytes / 2) } }))
      .status;
  expect(await ask(9800)).toBe(200);
  expect(await ask(10_400)).toBe(431);
});
