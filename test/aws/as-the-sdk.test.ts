/** What leaves our clients of AWS, and what they make of the answers, beside the SDK's own. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import * as cognitoSdk from '@aws-sdk/client-cognito-identity-provider';
import * as dynamodbSdk from '@aws-sdk/client-dynamodb';
import * as eventsSdk from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { isSignedBy } from '../../infra/local/signature.ts';
import { cognitoClient } from '../../shared/aws/cognito.ts';
import { cancellationCodes, dynamoDbClient, standingItem } from '../../shared/aws/dynamodb.ts';
import { eventBridgeClient } from '../../shared/aws/eventbridge.ts';
import { AwsError, type ClientSettings } from '../../shared/aws/json-client.ts';
import { CALLS, KEY, type Service, USER } from './calls.ts';

const REGION = 'eu-west-1';
const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret' };

type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
type Answer = {
  status?: number;
  body?: string;
  headers?: Record<string, string>;
  breakOff?: true;
};

const received: Received[] = [];
const answers: Answer[] = [];
beforeEach(() => {
  received.length = 0;
  answers.length = 0;
});

/** Stands for AWS: gives the answers in their order, then empty ones. */
async function listen(): Promise<string> {
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    received.push({ method, path, headers, body: await text(request) });
    const { status = 200, body = '{}', headers: more, breakOff } = answers.shift() ?? {};
    if (breakOff) return request.socket.destroy();
    return response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...more }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function clients(maxAttempts = 1) {
  const settings = { endpoint: await listen(), region: REGION, credentials: CREDENTIALS, maxAttempts };
  const sdkSettings = { ...settings, retryMode: 'standard' } as const;
  return {
    ours: {
      dynamodb: dynamoDbClient(settings),
      'cognito-idp': cognitoClient(settings),
      events: eventBridgeClient(settings),
    },
    sdks: {
      dynamodb: new dynamodbSdk.DynamoDBClient(sdkSettings),
      'cognito-idp': new cognitoSdk.CognitoIdentityProviderClient(sdkSettings),
      events: new eventsSdk.EventBridgeClient(sdkSettings),
    },
  };
}
const SDKS: Readonly<Record<Service, object>> = {
  dynamodb: dynamodbSdk,
  'cognito-idp': cognitoSdk,
  events: eventsSdk,
};
type Caller = { call(operation: string, input: object): Promise<unknown> };
type Sender = { send(command: object): Promise<unknown> };

const sdkCommand = (service: Service, operation: string, input: object): object => {
  const commands = SDKS[service] as Record<string, new (input: object) => object>;
  const Command = commands[`${operation}Command`];
  if (Command === undefined) throw new Error(`The SDK has no ${operation}`);
  return new Command(input);
};

const signedFor = (authorization = '') => /Credential=[^/]+\/\d{8}\/([^,]+),/.exec(authorization)?.[1];

describe('a call leaves as the SDK sends it, and signed', () => {
  test.each(CALLS)('%s %s', async (service, operation, input) => {
    const { ours, sdks } = await clients();
    await (ours[service] as unknown as Caller).call(operation, input);
    await (sdks[service] as unknown as Sender).send(sdkCommand(service, operation, input));
    const [own, sdk] = received.map(({ method, path, headers, body }) => ({
      method,
      path,
      body: JSON.parse(body) as unknown,
      type: headers['content-type'],
      target: headers['x-amz-target'],
      scope: signedFor(headers.authorization),
      attempt: headers['amz-sdk-request'],
    }));
    expect(own).toEqual(sdk);
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    if (headers.authorization === undefined) return;
    const request = {
      method: 'POST',
      rawPath: '/',
      rawQueryString: '',
      headers: headers as Record<string, string>,
      body: Buffer.from(body),
      service,
    };
    expect(isSignedBy(CREDENTIALS, REGION, request, new Date())).toBe(true);
    const other = { ...request, body: Buffer.from(`${body} `) };
    expect(isSignedBy(CREDENTIALS, REGION, other, new Date())).toBe(false);
  });
});

test('the session of temporary credentials is sent, and signed', async () => {
  const credentials = { ...CREDENTIALS, sessionToken: 'a session' };
  const client = dynamoDbClient({ endpoint: await listen(), region: REGION, credentials, maxAttempts: 1 });
  await client.call('GetItem', { TableName: 't', Key: KEY });
  const [{ headers } = { headers: {} as IncomingHttpHeaders }] = received;
  expect(headers['x-amz-security-token']).toBe('a session');
  expect(headers.authorization).toMatch(/SignedHeaders=[^,]*x-amz-security-token/);
});

describe('an answer is taken as the SDK takes it', () => {
  const refusalOf = async (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: Error & { $metadata?: { httpStatusCode?: number } }) => ({
        name: error.name,
        message: error.message,
        status: error.$metadata?.httpStatusCode,
      }),
    );

  it.each([
    [
      'in a namespace',
      400,
      { __type: 'com.amazonaws.dynamodb.v20120810#ResourceInUseException', message: 'Busy' },
    ],
    [
      'by its name alone',
      400,
      { __type: 'NotAuthorizedException', message: 'Incorrect username or password.' },
    ],
    ['with a capital', 400, { __type: 'com.amazon.coral.validate#ValidationException', Message: 'Too long' }],
  ])('an error %s', async (_, status, error) => {
    const { ours, sdks } = await clients();
    answers.push({ status, body: JSON.stringify(error) }, { status, body: JSON.stringify(error) });
    const own = await refusalOf(ours.dynamodb.call('GetItem', { TableName: 't', Key: KEY }));
    const sdk = await refusalOf(
      sdks.dynamodb.send(new dynamodbSdk.GetItemCommand({ TableName: 't', Key: KEY })),
    );
    expect(own).toEqual(sdk);
    expect(own?.message).toBe(Object.values(error)[1]);
  });

  it.each<[string, Answer]>([
    ['in a header', { headers: { 'x-amzn-errortype': 'com.amazon.coral#ThrottlingException' } }],
    [
      'in a header with an address',
      { headers: { 'x-amzn-errortype': 'UserNotFoundException:http://internal.amazon.com/coral/x#y/' } },
    ],
    ['in two places', { headers: { 'x-amzn-errortype': 'Other' }, body: '{"__type":"a#ThisException"}' }],
    ['as a code', { body: '{"Code":"RequestLimitExceeded"}' }],
    ['with more than one', { body: '{"__type":"OneException,TwoException"}' }],
  ])('an error named %s', async (_, given) => {
    const { ours, sdks } = await clients();
    const answer = { status: 400, body: '{}', ...given };
    answers.push(answer, answer);
    const nameOf = async (call: Promise<unknown>) => (await refusalOf(call))?.name;
    const own = await nameOf(ours['cognito-idp'].call('AdminGetUser', USER));
    const sdk = await nameOf(sdks['cognito-idp'].send(new cognitoSdk.AdminGetUserCommand(USER)));
    expect(own).toBe(sdk);
    expect(own).toMatch(/^\w+$/);
  });

  it.each([
    ['<html>eyJraWQ a token</html>'],
    ['{"AuthenticationResult":{"AccessToken":"eyJraWQ'],
    ['"eyJraWQ"'],
    ['null'],
  ])('what is no answer is an error that quotes none of it: %s', async (body) => {
    const { ours } = await clients(2);
    answers.push({ body });
    const error = await ours['cognito-idp'].call('AdminGetUser', USER).catch((it: unknown) => it);
    expect(error).toMatchObject({ name: 'UnreadableAnswer', message: 'UnreadableAnswer' });
    expect(received).toHaveLength(1);
  });

  it('nothing of an item is where Lambda looks for what it logs of a throw', async () => {
    const { ours } = await clients();
    const type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
    answers.push({ status: 400, body: JSON.stringify({ __type: type, message: 'No', Item: KEY }) });
    const error = await ours.dynamodb
      .call('GetItem', { TableName: 't', Key: KEY })
      .catch((it: unknown) => it as Error);
    expect(`${JSON.stringify({ ...error })}${inspect(error)}`).not.toContain('TENANT#');
  });

  it('an item that stood in the way of a condition', async () => {
    const { ours } = await clients();
    const type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
    answers.push({ status: 400, body: JSON.stringify({ __type: type, message: 'No', Item: KEY }) });
    const error = await ours.dynamodb
      .call('GetItem', { TableName: 't', Key: KEY })
      .catch((it: unknown) => it);
    expect(standingItem(error)).toEqual(KEY);
    expect(cancellationCodes(error)).toBeUndefined();
  });

  it('why a transaction was cancelled, write by write', async () => {
    const { ours } = await clients();
    const type = 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException';
    const CancellationReasons = [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Message: 'No' }];
    answers.push({ status: 400, body: JSON.stringify({ __type: type, CancellationReasons }) });
    const error = await ours.dynamodb
      .call('GetItem', { TableName: 't', Key: KEY })
      .catch((it: unknown) => it);
    expect(cancellationCodes(error)).toEqual(['None', 'ConditionalCheckFailed']);
    expect(standingItem(error)).toBeUndefined();
  });

  it('a fault on the way that is not JSON has its status for a name', async () => {
    const { ours } = await clients();
    answers.push({ status: 413, body: '<html>Too large</html>' });
    const error = await ours.dynamodb
      .call('GetItem', { TableName: 't', Key: KEY })
      .catch((it: unknown) => it);
    expect(error).toBeInstanceOf(AwsError);
    expect(error).toMatchObject({ name: 'Http413', $metadata: { httpStatusCode: 413 } });
  });

  it('nothing at all is an empty answer', async () => {
    const { ours } = await clients();
    answers.push({ body: '' });
    expect(await ours['cognito-idp'].call('AdminDisableUser', USER)).toEqual({});
  });
});

describe('what may pass is tried again, as the SDK tries it', () => {
  const throttled = { status: 400, body: '{"__type":"ThrottlingException"}' };
  const down = { status: 500, body: '{"__type":"InternalServerError"}' };
  const refused = { status: 400, body: '{"__type":"ValidationException"}' };
  const unsure = { status: 409, body: '{"__type":"ResourceInUseException"}' };

  it.each<[string, readonly Answer[], number]>([
    ['throttling', [throttled], 2],
    ['a fault of the service', [down, down], 3],
    ['a broken connection', [{ breakOff: true }], 2],
    ['only so often', [down, down, down, down], 3],
    ['but no refusal', [refused], 1],
    ['nor a conflict', [unsure], 1],
  ])('%s', async (_, given, attempts) => {
    const { ours, sdks } = await clients(3);
    const outcome = (call: Promise<unknown>) =>
      call.then(
        () => 'done',
        (error: Error) => error.name,
      );
    answers.push(...given);
    const own = await outcome(ours.dynamodb.call('GetItem', { TableName: 't', Key: KEY }));
    expect(received).toHaveLength(attempts);
    answers.splice(0, answers.length, ...given);
    const sdk = await outcome(
      sdks.dynamodb.send(new dynamodbSdk.GetItemCommand({ TableName: 't', Key: KEY })),
    );
    expect(received).toHaveLength(2 * attempts);
    expect(own).toBe(sdk);
  });

  it('signed anew, as the same call, which another one is not', async () => {
    const { ours } = await clients(2);
    answers.push(down);
    await ours.dynamodb.call('GetItem', { TableName: 't', Key: KEY });
    await ours.dynamodb.call('GetItem', { TableName: 't', Key: KEY });
    // The number of the try is signed: a signature that was kept would be the first one's.
    const signatures = received.map(({ headers }) => headers.authorization?.split('Signature=')[1]);
    expect(signatures).not.toContain(undefined);
    expect(signatures[1]).not.toBe(signatures[0]);
    const [first, again, other] = received.map(({ headers }) => headers['amz-sdk-invocation-id']);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(received.map(({ headers }) => headers['amz-sdk-request'])).toEqual([
      'attempt=1; max=2',
      'attempt=2; max=2',
      'attempt=1; max=2',
    ]);
  });

  it.each<[Service, string, Answer]>([
    ['dynamodb', 'GetItem', down],
    ['dynamodb', 'GetItem', throttled],
    ['dynamodb', 'GetItem', { ...down, headers: { 'x-amz-retry-after': '90' } }],
    ['dynamodb', 'GetItem', { ...down, headers: { 'retry-after': '0.08' } }],
    ['cognito-idp', 'AdminGetUser', down],
    ['cognito-idp', 'AdminGetUser', throttled],
    ['events', 'PutEvents', down],
  ])('after as long a pause: %s %s %o', async (service, operation, answer) => {
    const { ours, sdks } = await clients(3);
    const [, , input = {}] = CALLS.find(([, name]) => name === operation) ?? [];
    vi.spyOn(Math, 'random').mockReturnValue(0.4);
    onTestFinished(() => void vi.restoreAllMocks());
    const pausesOf = async (call: () => Promise<unknown>) => {
      answers.push(answer, answer);
      const timers = vi.spyOn(globalThis, 'setTimeout');
      await call();
      const pauses = timers.mock.calls.map(([, milliseconds]) => milliseconds);
      timers.mockRestore();
      // The transport's own are of a second and more.
      return pauses.filter((pause = 0) => pause > 0 && pause < 1000);
    };
    const own = await pausesOf(() => (ours[service] as unknown as Caller).call(operation, input));
    const command = sdkCommand(service, operation, input);
    const sdk = await pausesOf(() => (sdks[service] as unknown as Sender).send(command));
    // Both take off what has passed since the answer that named it.
    const slack = answer.headers?.['retry-after'] ? 30 : 5;
    own.forEach((pause = 0, at) => {
      expect(Math.abs(pause - (sdk[at] ?? 0))).toBeLessThan(slack);
    });
    expect([own.length, sdk.length]).toEqual([2, 2]);
  });
});

describe('the address of a service', () => {
  const addressOf = (region: string, environment: Record<string, string> = {}) => {
    const before = { ...process.env };
    Object.assign(process.env, { AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_DYNAMODB: '', ...environment });
    onTestFinished(() => {
      process.env = before;
    });
    let asked = '';
    const transport: ClientSettings['transport'] = ({ origin }) => {
      asked = origin;
      return async () => ({ statusCode: 200, headers: {}, body: '{}' });
    };
    const settings = { region, credentials: CREDENTIALS, maxAttempts: 1, transport };
    dynamoDbClient(settings);
    return asked;
  };

  it.each(['eu-west-1', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1'])(
    'in %s is the SDK’s',
    async (region) => {
      const client = new dynamodbSdk.DynamoDBClient({ region, credentials: CREDENTIALS });
      let asked = '';
      client.middlewareStack.add(
        () =>
          async ({ request }) => {
            const { protocol, hostname } = request as { protocol: string; hostname: string };
            asked = `${protocol}//${hostname}`;
            throw new Error('not sent');
          },
        { step: 'finalizeRequest', priority: 'low' },
      );
      await client.send(new dynamodbSdk.GetItemCommand({ TableName: 't', Key: KEY })).catch(() => undefined);
      expect(addressOf(region)).toBe(asked);
    },
  );

  it('is what the environment says, the service’s own first', () => {
    expect(addressOf(REGION, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toBe('http://127.0.0.1:1');
    const both = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:2' };
    expect(addressOf(REGION, both)).toBe('http://127.0.0.1:2');
  });
});

test('every operation that is called stands above', async () => {
  const { readFileSync, readdirSync } = await import('node:fs');
  const root = new URL('../../', import.meta.url);
  const files = ['functions', 'shared'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${folder}/${file}`,
    ),
  );
  const called = files
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(new URL(file, root), 'utf8').matchAll(/\.call\(\s*'([A-Z]\w+)'/g)])
    .map(([, operation]) => operation);
  expect([...new Set(called)].sort()).toEqual(CALLS.map(([, operation]) => operation).sort());
});
