/** As AWS is called: over TLS, which nothing of the local stack speaks. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { expect, it, onTestFinished, vi } from 'vitest';
import { cognitoClient } from '../../shared/aws/cognito.ts';

const PEM = readFileSync(new URL('localhost.pem', import.meta.url), 'utf8');
const CLIENT = { UserPoolId: 'p', ClientId: 'c' };
const GUESS = { ...CLIENT, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' } as const;

function trust(certificate: string): void {
  const before = getCACertificates('default');
  setDefaultCACertificates([certificate]);
  onTestFinished(() => setDefaultCACertificates(before));
}

async function pool() {
  const calls: { readonly port: number | undefined; readonly resumed: boolean }[] = [];
  const server = createServer({ key: PEM, cert: PEM }, ({ socket }, response) => {
    calls.push({ port: socket.remotePort, resumed: (socket as TLSSocket).isSessionReused() });
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `https://localhost:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret' };
  return { calls, client: cognitoClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 }) };
}

it('a connection is kept, and its session where a guess takes a new one', async () => {
  trust(PEM);
  const { calls, client } = await pool();
  await client.call('DescribeUserPoolClient', CLIENT);
  await client.call('AdminInitiateAuth', GUESS);
  const awake = Date.now() + 60_000;
  vi.spyOn(Date, 'now').mockImplementation(() => awake);
  onTestFinished(() => void vi.restoreAllMocks());
  await client.call('AdminInitiateAuth', GUESS);
  const [first, kept, anew] = calls;
  expect(kept).toEqual(first);
  expect(anew?.port).not.toBe(first?.port);
  expect(calls.map(({ resumed }) => resumed)).toEqual([false, false, true]);
});

it('nothing is told to whoever cannot prove to be the service', async () => {
  const { calls, client } = await pool();
  await expect(client.call('AdminInitiateAuth', GUESS)).rejects.toMatchObject({
    code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  });
  expect(calls).toEqual([]);
});
