/** A peer that is there and says nothing: a call ends before Lambda ends the function, and is told as busy. */
import dns from 'node:dns';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { functions } from '../../infra/functions.ts';
import { cognitoClient } from '../../shared/aws/cognito.ts';
import { dynamoDbClient } from '../../shared/aws/dynamodb.ts';
import type { ClientSettings } from '../../shared/aws/json-client.ts';
import { openMailer } from '../../shared/mail/sender.ts';

const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret' };
const LONGEST_SECONDS = 6;
/** Of a function that somebody waits for (infra/functions.ts), which makes three tries. */
const FUNCTION_SECONDS = 29;

/** Closed at the end of all: tests that run side by side have no end of their own to hook. */
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function outcomeOf(endpoint: string, calls = 1) {
  const settings = { endpoint, region: 'eu-west-1', credentials: CREDENTIALS, maxAttempts: 1 };
  const client = dynamoDbClient(settings);
  const input = { TableName: 't', Key: { PK: { S: 'a' } } };
  for (let call = 1; call < calls; call += 1) await client.call('GetItem', input);
  const began = performance.now();
  const error = await client.call('GetItem', input).catch((it: unknown) => it);
  return { error, seconds: (performance.now() - began) / 1000 };
}

describe.concurrent('a call is given up', () => {
  it('where SES does not answer a mail, while there is time in the function to say so', async () => {
    vi.stubEnv('AWS_ENDPOINT_URL_SES', await listen(() => undefined));
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', CREDENTIALS.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', CREDENTIALS.secretAccessKey);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { timeoutSeconds = 0 } = functions.find(({ sendsMail }) => sendsMail) ?? {};
    const send = openMailer('psa@psa.example', 'psa');
    const began = performance.now();
    const mail = { subject: 's', text: 't', html: 'h' };
    const error = await send('a@acme.example', mail, { type: 'reset', id: 'r' }).catch((it: unknown) => it);
    expect(error).toMatchObject({ name: 'TimeoutError' });
    // One more record of the batch fits behind it.
    expect((2 * (performance.now() - began)) / 1000).toBeLessThan(timeoutSeconds);
  });

  it('where no answer begins', async () => {
    const { error, seconds } = await outcomeOf(await listen(() => undefined));
    expect(error).toMatchObject({ name: 'TimeoutError' });
    expect(seconds).toBeLessThan(LONGEST_SECONDS);
    expect(3 * seconds).toBeLessThan(FUNCTION_SECONDS);
  });

  it('where an answer stops half way', async () => {
    const url = await listen((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"Item":');
    });
    const { error, seconds } = await outcomeOf(url);
    expect(error).toMatchObject({ name: 'TimeoutError' });
    expect(seconds).toBeLessThan(LONGEST_SECONDS);
  });

  it('where what is answered begins no answer', async () => {
    const url = await listen(({ socket }) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n');
    });
    const { error, seconds } = await outcomeOf(url);
    expect(error).toMatchObject({ name: 'TimeoutError' });
    expect(seconds).toBeLessThan(LONGEST_SECONDS);
  });

  it('where a connection that was good is dead', async () => {
    let asked = 0;
    const url = await listen((_, response) => {
      asked += 1;
      if (asked === 1) response.end('{}');
    });
    const { error, seconds } = await outcomeOf(url, 2);
    expect(error).toMatchObject({ name: 'TimeoutError' });
    expect(seconds).toBeLessThan(LONGEST_SECONDS);
  });

  it('where no connection is made', async () => {
    const { lookup } = dns;
    // Of others' servers the names are still looked up.
    const silent = (name: string, ...more: unknown[]) =>
      name === 'dynamodb.invalid' ? undefined : Reflect.apply(lookup, dns, [name, ...more]);
    vi.spyOn(dns, 'lookup').mockImplementation(silent as unknown as typeof lookup);
    const { error, seconds } = await outcomeOf('http://dynamodb.invalid');
    expect(error).toMatchObject({ name: 'TimeoutError' });
    expect(seconds).toBeLessThan(LONGEST_SECONDS);
  });
});

it.concurrent('a guess that fell into silence may have been judged, and is not made again (S5)', async () => {
  const asked: string[] = [];
  // Of an answer that breaks off too.
  const endpoint = await listen(({ headers }, response) => {
    const operation = String(headers['x-amz-target']).split('.').at(-1) ?? '';
    asked.push(operation);
    if (operation !== 'AdminInitiateAuth') response.writeHead(200, { 'content-length': '9' }).write('{');
  });
  const settings = { endpoint, region: 'eu-west-1', credentials: CREDENTIALS, maxAttempts: 2 };
  const [pool, table] = [cognitoClient(settings), dynamoDbClient(settings)];
  const told = await Promise.allSettled([
    pool.call('AdminInitiateAuth', {
      UserPoolId: 'p',
      ClientId: 'c',
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
    }),
    pool.call('AdminRespondToAuthChallenge', {
      ...{ UserPoolId: 'p', ClientId: 'c', ChallengeName: 'SOFTWARE_TOKEN_MFA' },
    }),
    table.call('GetItem', { TableName: 't', Key: { PK: { S: 'a' } } }),
  ]);
  expect(told.map((one) => one.status === 'rejected' && (one.reason as Error).name)).toEqual([
    'TimeoutError',
    'TimeoutError',
    'TimeoutError',
  ]);
  expect(asked.sort()).toEqual(['AdminInitiateAuth', 'AdminRespondToAuthChallenge', 'GetItem', 'GetItem']);
});

it.concurrent('a slow answer that keeps coming is waited for', async () => {
  const url = await listen((_, response) => {
    response.writeHead(200);
    const parts = ['{"Item"', ':{"PK":', '{"S":"a"}', '}}'];
    const timer = setInterval(() => {
      const part = parts.shift();
      if (part !== undefined) return response.write(part);
      clearInterval(timer);
      return response.end();
    }, 1500);
  });
  const { error } = await outcomeOf(url);
  expect(error).toEqual({ Item: { PK: { S: 'a' } } });
});

describe('a connection that died while the function slept', () => {
  /** Takes one call over each connection, and cuts those that come with another. */
  const afterSleep = async (call: (settings: ClientSettings) => Promise<unknown>) => {
    const used = new WeakSet<Socket>();
    const endpoint = await listen(({ socket }, response) => {
      if (used.has(socket)) return socket.resetAndDestroy();
      used.add(socket);
      return response.end('{}');
    });
    const settings = { endpoint, region: 'eu-west-1', credentials: CREDENTIALS, maxAttempts: 2 };
    return call(settings);
  };
  const sleep = () => {
    const awake = Date.now() + 60_000;
    vi.spyOn(Date, 'now').mockImplementation(() => awake);
    onTestFinished(() => void vi.restoreAllMocks());
  };
  const guess = { UserPoolId: 'p', ClientId: 'c', AuthFlow: 'ADMIN_USER_PASSWORD_AUTH' } as const;

  it('is not taken for a guess, which could not be made again (S5)', async () => {
    const answered = afterSleep(async (settings) => {
      const pool = cognitoClient(settings);
      await pool.call('DescribeUserPoolClient', { UserPoolId: 'p', ClientId: 'c' });
      sleep();
      return pool.call('AdminInitiateAuth', guess);
    });
    expect(await answered).toEqual({});
  });

  it('costs any other call one more try', async () => {
    const answered = afterSleep(async (settings) => {
      const table = dynamoDbClient(settings);
      const input = { TableName: 't', Key: { PK: { S: 'a' } } };
      await table.call('GetItem', input);
      sleep();
      return table.call('GetItem', input);
    });
    expect(await answered).toEqual({});
  });
});
