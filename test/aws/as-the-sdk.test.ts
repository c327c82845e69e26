/** What leaves our clients of AWS, and what they make of the answers, beside the SDK's own. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as cognitoSdk from '@aws-sdk/client-cognito-identity-provider';
import * as dynamodbSdk from '@aws-sdk/client-dynamodb';
import * as eventsSdk from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { isSignedBy } from '../../infra/local/signature.ts';
import { cognitoClient } from '../../shared/aws/cognito.ts';
import { cancellationCodes, dynamoDbClient, standingItem } from '../../shared/aws/dynamodb.ts';
import { eventBridgeClient } from '../../shared/aws/eventbridge.ts';
import { AwsError, type ClientSettings } from '../../shared/aws/json-client.ts';

const REGION = 'eu-west-1';
const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a secret' };

type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
type Answer = {
  status?: number;
  body?: string;
  headers?: Record<string, string>;
  breakOff?: true;
  /** Before it is given. */
  meanwhile?: () => void;
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
    const { status = 200, body = '{}', headers: more, breakOff, meanwhile } = answers.shift() ?? {};
    meanwhile?.();
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
type Service = keyof Awaited<ReturnType<typeof clients>>['ours'];

const SDKS: Readonly<Record<Service, object>> = {
  dynamodb: dynamodbSdk,
  'cognito-idp': cognitoSdk,
  events: eventsSdk,
};
const KEY = { PK: { S: 'TENANT#ä' }, SK: { S: 'TENANT' } };
const POOL = { UserPoolId: 'eu-west-1_Example' };
const USER = { ...POOL, Username: 'acme.7.a0' };

/** Every operation that is called, with an input as it is called with. */
const CALLS: readonly (readonly [Service, string, object])[] = [
  ['dynamodb', 'BatchGetItem', { RequestItems: { t: { Keys: [KEY], ConsistentRead: true } } }],
  [
    'dynamodb',
    'BatchWriteItem',
    { RequestItems: { t: [{ PutRequest: { Item: KEY } }, { DeleteRequest: { Key: KEY } }] } },
  ],
  ['dynamodb', 'GetItem', { TableName: 't', Key: KEY, ConsistentRead: true }],
  [
    'dynamodb',
    'PutItem',
    {
      TableName: 't',
      Item: {
        ...KEY,
        n: { N: '1.5' },
        b: { BOOL: false },
        l: { L: [{ S: '' }, { NULL: true }] },
        m: { M: { inner: { S: '𝒳 "quoted" \\ \u2028' } } },
        ss: { SS: ['a', 'b'] },
      },
      ConditionExpression: 'attribute_not_exists(PK)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  ],
  [
    'dynamodb',
    'Query',
    {
      TableName: 't',
      IndexName: 'byName',
      KeyConditionExpression: 'listPK = :list',
      ExpressionAttributeValues: { ':list': { S: 'EMPLOYEES#acme' } },
      Limit: 20,
      ScanIndexForward: false,
      ExclusiveStartKey: KEY,
    },
  ],
  [
    'dynamodb',
    'TransactWriteItems',
    { TransactItems: [{ Delete: { TableName: 't', Key: KEY } }], ClientRequestToken: 'a-token' },
  ],
  [
    'dynamodb',
    'UpdateItem',
    {
      TableName: 't',
      Key: KEY,
      UpdateExpression: 'ADD #n :one',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues: 'ALL_NEW',
    },
  ],
  ['cognito-idp', 'AdminCreateUser', { ...USER, MessageAction: 'SUPPRESS' }],
  ['cognito-idp', 'AdminDeleteUser', USER],
  ['cognito-idp', 'AdminDisableUser', USER],
  ['cognito-idp', 'AdminGetUser', USER],
  [
    'cognito-idp',
    'AdminInitiateAuth',
    {
      ...POOL,
      ClientId: 'client',
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'acme.7.a0', PASSWORD: 'pässword "with" signs', SECRET_HASH: 'hash' },
    },
  ],
  [
    'cognito-idp',
    'AdminRespondToAuthChallenge',
    {
      ...POOL,
      ClientId: 'client',
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      Session: 'session',
      ChallengeResponses: { USERNAME: 'acme.7.a0', SOFTWARE_TOKEN_MFA_CODE: '123456' },
    },
  ],
  [
    'cognito-idp',
    'AdminSetUserMFAPreference',
    { ...USER, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } },
  ],
  ['cognito-idp', 'AdminSetUserPassword', { ...USER, Password: 'pässword', Permanent: true }],
  ['cognito-idp', 'AssociateSoftwareToken', { AccessToken: 'access' }],
  ['cognito-idp', 'DescribeUserPoolClient', { ...POOL, ClientId: 'client' }],
  ['cognito-idp', 'GetTokensFromRefreshToken', { ClientId: 'c', ClientSecret: 's', RefreshToken: 'r' }],
  ['cognito-idp', 'ListUserPoolClients', { ...POOL, MaxResults: 60, NextToken: undefined }],
  ['cognito-idp', 'ListUsers', { ...POOL, Limit: 60, Filter: 'username ^= "acme."' }],
  ['cognito-idp', 'VerifySoftwareToken', { AccessToken: 'access', UserCode: '123456' }],
  [
    'events',
    'PutEvents',
    { Entries: [{ EventBusName: 'bus', Source: 's', DetailType: 'Account Created', Detail: '{}' }] },
  ],
];

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

  it('an error that a header alone names', async () => {
    const { ours, sdks } = await clients();
    const answer = {
      status: 400,
      body: '{"message":"No"}',
      headers: { 'x-amzn-ErrorType': 'SomeException:' },
    };
    answers.push(answer, answer);
    const own = await refusalOf(ours.dynamodb.call('GetItem', { TableName: 't', Key: KEY }));
    const sdk = await refusalOf(
      sdks.dynamodb.send(new dynamodbSdk.GetItemCommand({ TableName: 't', Key: KEY })),
    );
    expect(own).toEqual(sdk);
    expect(own?.name).toBe('SomeException');
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

  it('signed anew each time', async () => {
    const { ours } = await clients(2);
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-01-31T12:00:00Z') });
    onTestFinished(() => void vi.useRealTimers());
    answers.push({ ...down, meanwhile: () => vi.setSystemTime(new Date('2026-01-31T12:00:09Z')) });
    await ours.dynamodb.call('GetItem', { TableName: 't', Key: KEY });
    expect(received.map(({ headers }) => headers['x-amz-date'])).toEqual([
      '20260131T120000Z',
      '20260131T120009Z',
    ]);
    expect(new Set(received.map(({ headers }) => headers.authorization)).size).toBe(2);
  });

  it('under one id, which is another for the next call', async () => {
    const { ours, sdks } = await clients(2);
    const idsOf = async (call: () => Promise<unknown>) => {
      received.length = 0;
      answers.push(down);
      await call();
      await call();
      const ids = received.map(({ headers }) => headers['amz-sdk-invocation-id']);
      return ids.map((id) => (id === undefined ? undefined : ids.indexOf(id)));
    };
    const own = await idsOf(() => ours.dynamodb.call('GetItem', { TableName: 't', Key: KEY }));
    const command = new dynamodbSdk.GetItemCommand({ TableName: 't', Key: KEY });
    expect(await idsOf(() => sdks.dynamodb.send(command))).toEqual(own);
    expect(own).toEqual([0, 0, 2]);
  });
});

describe('the address of a service', () => {
  const addressOf = async (region: string, environment: Record<string, string> = {}) => {
    const before = { ...process.env };
    Object.assign(process.env, { AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_DYNAMODB: '', ...environment });
    onTestFinished(() => {
      process.env = before;
    });
    let asked = '';
    const requestHandler = {
      handle: async ({ protocol, hostname, port }: { protocol: string; hostname: string; port?: number }) => {
        asked = `${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`;
        throw new Error('not sent');
      },
    } as unknown as ClientSettings['requestHandler'];
    const settings = { region, credentials: CREDENTIALS, maxAttempts: 1, requestHandler } as ClientSettings;
    await dynamoDbClient(settings)
      .call('GetItem', { TableName: 't', Key: KEY })
      .catch(() => undefined);
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
      expect(await addressOf(region)).toBe(asked);
    },
  );

  it('is what the environment says, the service’s own first', async () => {
    expect(await addressOf(REGION, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' })).toBe('http://127.0.0.1:1');
    const both = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:2' };
    expect(await addressOf(REGION, both)).toBe('http://127.0.0.1:2');
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
