/** One stack with small functions, over HTTP. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signedFetch } from '../../infra/cli/signed-fetch.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { fixtureStack } from './fixtures/functions.ts';
import { allGone, eventually, linesOf, tableClient, temporaryFolder } from './support.ts';

let stack: Stack;
let folder: string;
const logged: string[] = [];
const removals: (() => Promise<void>)[] = [];

beforeAll(async () => {
  folder = await temporaryFolder((remove) => removals.push(remove));
  stack = await startStack({
    ...fixtureStack,
    stateDir: join(folder, 'state'),
    log: (line) => logged.push(line),
  });
});
afterAll(async () => {
  await stack.close();
  for (const remove of removals) await remove();
});

const get = (path: string) => fetch(`${stack.url}${path}`, { redirect: 'manual' });
const json = async (path: string) => (await get(path)).json() as Promise<Record<string, unknown>>;

/** With the path exactly as given, which fetch would tidy up. */
function raw(path: string, headers: string[]): Promise<IncomingMessage & { text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${stack.url}`, { path, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve(Object.assign(response, { text: Buffer.concat(chunks).toString() }));
    });
    sent.once('error', reject);
    sent.end();
  });
}

test('the path reaches the function decoded, and the query as it was sent', async () => {
  const { text } = await raw('/do/a%2fb?x=%20&x=+&', ['Host', 'h', 'Cookie', 'a=1', 'X-Y', '1', 'x-y', '2']);
  expect(JSON.parse(text)).toMatchObject({
    rawPath: '/do/a/b',
    rawQueryString: 'x=%20&x=+&',
    pathParameters: { what: 'a/b' },
    cookies: ['a=1'],
    headers: { 'x-y': '1,2' },
    requestContext: { http: { sourceIp: '127.0.0.1' }, routeKey: 'GET /do/{what}' },
  });
});

test('a form arrives base64-encoded', async () => {
  const response = await fetch(`${stack.url}/do/form`, {
    method: 'POST',
    body: new URLSearchParams({ a: 'ü' }),
  });
  expect(await response.json()).toMatchObject({ isBase64Encoded: true, body: btoa('a=%C3%BC') });
});

test('cookies, redirects and headers of a reply go out as they are', async () => {
  const response = await get('/do/cookies');
  expect(response.status).toBe(303);
  expect(response.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
  expect(response.headers.get('location')).toBe('/there');
  expect((await get('/do/challenge')).headers.get('www-authenticate')).toBe('Basic realm="x"');
});

test('a binary reply is decoded', async () => {
  const response = await get('/do/binary');
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 16]);
});

test.each(['throw', 'malformed'])('a function that answers with %s gets a bare 500', async (deed) => {
  const response = await get(`/do/${deed}`);
  expect(response.status).toBe(500);
  expect(await response.text()).toBe('{"message":"Internal Server Error"}');
});

test('after a crash the call under way is answered 500, and the next one by a new process', async () => {
  const before = await json('/do/process');
  const [slow, crash] = await Promise.all([get('/do/sleep'), sleep(50).then(() => get('/do/crash'))]);
  expect([slow.status, crash.status]).toEqual([500, 500]);
  const after = await json('/do/process');
  expect(after.pid).not.toBe(before.pid);
});

test('a call over the time limit of its function is answered 500, and its process is replaced', async () => {
  const before = await json('/hasty/process');
  expect((await get('/hasty/sleep')).status).toBe(500);
  expect(logged.join()).toContain('Task timed out after 0.3 seconds');
  const after = await json('/hasty/process');
  expect(after.pid).not.toBe(before.pid);
  await allGone([Number(before.pid)]);
});

test('a body over 10 MB is refused', async () => {
  const send = (bytes: number) =>
    fetch(`${stack.url}/do/throw`, {
      method: 'POST',
      body: new Uint8Array(bytes),
      headers: { 'content-type': 'text/plain' },
    });
  expect((await send(100)).status).toBe(500);
  const refused = await send(10 * 1024 * 1024 + 1);
  expect(refused.status).toBe(413);
  expect(await refused.text()).toBe('{"message":"Request Entity Too Large"}');
});

test('a function sees the variables that it names and what Lambda sets, and nothing of ours', async () => {
  process.env.LEAKED = 'yes';
  const environment = await json('/do/environment');
  expect(environment).toMatchObject({
    AWS_LAMBDA_FUNCTION_NAME: 'echo',
    AWS_REGION: 'eu-west-1',
    TABLE_NAME: stack.tableName,
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_ENDPOINT_URL_DYNAMODB: stack.endpoints.dynamodb,
  });
  for (const name of ['LEAKED', 'HOME', 'USER_POOL_ID', 'PUBLIC_URL', 'VITEST']) {
    expect(environment).not.toHaveProperty(name);
  }
});

test('a function gets a Lambda context', async () => {
  const context = await json('/do/context');
  expect(context).toMatchObject({ functionName: 'echo', functionVersion: '$LATEST', memoryLimitInMB: '128' });
  expect(context.awsRequestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(context.remaining).toBeGreaterThan(5000);
  expect(context.remaining).toBeLessThanOrEqual(10_000);
});

test('an operator route takes the key pair of the stack, and tells the function who called', async () => {
  const { operator } = stack;
  const response = await signedFetch(`${stack.url}/guarded/a%20b?x=1%202`, {
    method: 'POST',
    body: '{"a":"ü"}',
    credentials: operator,
    region: operator.region,
  });
  expect(await response.json()).toMatchObject({
    body: '{"a":"ü"}',
    requestContext: {
      authorizer: {
        iam: { accessKey: operator.accessKeyId, userArn: expect.stringMatching(/^arn:aws:iam::/) },
      },
    },
  });
});

test.each([
  ['another key', { secretAccessKey: 'other' }],
  ['another region', { region: 'us-east-1' }],
])('an operator route refuses %s', async (_what, change) => {
  const { region, ...credentials } = { ...stack.operator, ...change };
  const response = await signedFetch(`${stack.url}/guarded/x`, { method: 'GET', credentials, region });
  expect(response.status).toBe(403);
  expect(await response.text()).toBe('{"message":"Forbidden"}');
});

test('an operator route refuses a call without a signature, and a caller cannot claim an identity', async () => {
  expect((await get('/guarded/x')).status).toBe(403);
  expect(await json('/do/x')).not.toHaveProperty('requestContext.authorizer');
});

test('the key pair is for its owner alone', async () => {
  const { credentialsFile, accessKeyId } = stack.operator;
  expect((await stat(credentialsFile)).mode & 0o777).toBe(0o600);
  expect(await readFile(credentialsFile, 'utf8')).toContain(
    `[default]\naws_access_key_id = ${accessKeyId}\n`,
  );
});

test('a record that always fails is retried, then dead-lettered, and those behind it are delivered', async () => {
  const file = join(folder, 'notes.txt');
  const client = tableClient(stack.endpoints.dynamodb);
  const put = (name: string, more = {}) =>
    client.send(
      new PutItemCommand({
        TableName: stack.tableName,
        Item: {
          PK: { S: 'N' },
          SK: { S: name },
          type: { S: 'note' },
          state: { S: 'open' },
          file: { S: file },
          ...more,
        },
      }),
    );
  await put('one');
  await put('bad', { poison: { BOOL: true } });
  await put('unwanted', { state: { S: 'shut' } });
  await put('two');
  await eventually(async () => ((await linesOf(file)).includes('INSERT two') ? true : undefined));
  const lines = await linesOf(file);
  expect(lines).toContain('INSERT one');
  expect(lines.join()).not.toContain('unwanted');
  const letters = join(stack.stateDir, 'dead-letters', 'collect.jsonl');
  const [dead] = await eventually(async () => {
    const found = await linesOf(letters);
    return found.length > 0 ? found : undefined;
  });
  expect(JSON.parse(dead ?? '')).toMatchObject({
    function: 'collect',
    attempts: 3,
    record: { eventSource: 'aws:dynamodb', eventName: 'INSERT', dynamodb: { Keys: { SK: { S: 'bad' } } } },
  });
});

test('a second stack in the same folder is refused, naming the first', async () => {
  await expect(startStack({ ...fixtureStack, stateDir: stack.stateDir })).rejects.toThrow(
    new RegExp(`^Another stack \\(process ${process.pid}\\) is using .*--state DIR`),
  );
});

test('a taken port is told in a sentence, and leaves the folder free', async () => {
  const stateDir = join(folder, 'other');
  const port = Number(new URL(stack.url).port);
  const sentence = `Port ${port} is taken: stop what listens there, or name another with --port.`;
  for (const _again of [1, 2]) {
    await expect(startStack({ ...fixtureStack, stateDir, port })).rejects.toThrow(sentence);
  }
});

test('a function that cannot be loaded keeps the stack from starting, with its name and nothing left running', async () => {
  const functions = fixtureStack.functions.map((definition) =>
    definition.name === 'hasty'
      ? { ...definition, entry: 'functions/missing/handler.ts' as const }
      : definition,
  );
  const stateDir = join(folder, 'broken');
  await expect(startStack({ ...fixtureStack, functions, stateDir })).rejects.toThrow(
    /^The function hasty does not start: .*missing/,
  );
  await expect(stat(join(stateDir, 'lock'))).rejects.toThrow('ENOENT');
});

const ENDPOINT_OF = `const [, folder, client, command] = process.argv;
const { createRequire } = await import('node:module');
const sdk = createRequire(folder)('@aws-sdk/client-' + client);
const caller = new sdk[Object.keys(sdk).find((key) => /^[A-Z]\\w+Client$/.test(key))]({});
const tell = () => ({ request: { hostname, port } }) => {
  process.stdout.write(port ? hostname + ':' + port : hostname);
  process.exit();
};
caller.middlewareStack.add(tell, { step: 'finalizeRequest', priority: 'low' });
await caller.send(new sdk[command + 'Command']({}));`;

/** Where a client of the AWS SDK goes that knows nothing but the two files. */
async function endpointOf(client: string, command: string): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    AWS_CONFIG_FILE: stack.configFile,
    AWS_SHARED_CREDENTIALS_FILE: stack.operator.credentialsFile,
  };
  const script = ['--input-type=module', '--eval', ENDPOINT_OF, import.meta.filename, client, command];
  return (await promisify(execFile)(process.execPath, script, { env })).stdout;
}

test.each([
  ['dynamodb', 'ListTables', () => new URL(stack.endpoints.dynamodb).host],
  ['cognito-identity-provider', 'ListUserPools', () => new URL(stack.endpoints.cognito).host],
  ['lambda', 'ListFunctions', () => new URL(stack.endpoints.lambda).host],
  // Has no stand-in of its own: nothing listens there, where else it would reach AWS.
  ['dynamodb-streams', 'ListStreams', () => '127.0.0.1:9'],
])('by the files for AWS tools, %s goes nowhere but here', async (client, command, host) => {
  expect(await endpointOf(client, command)).toBe(host());
});
