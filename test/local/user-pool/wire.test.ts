import { ListGroupsCommand } from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { refusal, setup, type TestPool } from './setup.ts';

let pool: TestPool;
beforeAll(async () => {
  pool = await setup();
});
afterAll(() => pool.stop());

async function post(operation: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(pool.pool.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
      ...headers,
    },
    body,
  });
  return { response, body: (await response.json()) as { __type?: string; message?: string } };
}

const SIGNED = {
  authorization: 'AWS4-HMAC-SHA256 Credential=local/20261124/eu-central-1/cognito-idp/aws4_request',
};

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
describe('the wire', () => {
  it('tells an error in body and headers, with a request id', async () => {
    const { response, body } = await post('AdminGetUser', JSON.stringify(pool.of('nobody')), SIGNED);
    expect(response.status).toBe(400);
    expect(body).toEqual({ __type: 'UserNotFoundException', message: 'User does not exist.' });
    expect(response.headers.get('x-amzn-errortype')).toBe('UserNotFoundException');
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  });

  test.each(['AdminGetUser', 'AdminInitiateAuth', 'AdminSetUserPassword', 'ListUsers'])(
    '%s must be signed',
    async (operation) => {
      const { response, body } = await post(operation, JSON.stringify(pool.of('nobody')));
      expect(response.status).toBe(400);
      expect(body.__type).toBe('MissingAuthenticationTokenException');
    },
  );

  test.each([
    ['malformed JSON', '{"UserPoolId":'],
    ['JSON that is no object', '[]'],
    ['a number for a string', '{"UserPoolId":1}'],
    ['a body over the limit', JSON.stringify({ UserPoolId: 'x'.repeat(300_000) })],
  ])('refuses %s', async (_, text) => {
    const { response, body } = await post('AdminGetUser', text, SIGNED);
    expect(response.status).toBe(400);
    expect(body.__type).toBe('SerializationException');
  });

  it('refuses a missing parameter by name', async () => {
    const { body } = await post('AdminGetUser', '{}', SIGNED);
    expect(body.__type).toBe('InvalidParameterException');
    expect(body.message).toContain(
      "Value at 'userPoolId' failed to satisfy constraint: Member must not be null",
    );
  });

  it('refuses an operation it does not know, by name', async () => {
    expect(await refusal(pool.sdk.send(new ListGroupsCommand({ UserPoolId: pool.pool.poolId })))).toBe(
      'UnknownOperationException: The operation ListGroups is not implemented by the local user pool',
    );
  });

  it('answers other methods and paths with 404', async () => {
    const statuses = await Promise.all(
      ['/', '//', '/elsewhere'].map(async (path) => (await fetch(`${pool.pool.url}${path}`)).status),
    );
    expect(statuses).toEqual([404, 404, 404]);
  });

  it('listens on the loopback address only', () => {
    expect(new URL(pool.pool.url).hostname).toBe('127.0.0.1');
  });
});

// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
describe('the key set', () => {
  it('publishes two RSA keys, and nothing private', async () => {
    const { keys } = (await (await fetch(pool.pool.jwksUri)).json()) as { keys: Record<string, string>[] };
    expect(keys).toHaveLength(2);
    for (const key of keys) {
      expect(key).toMatchObject({ alg: 'RS256', kty: 'RSA', use: 'sig', e: 'AQAB' });
      expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    }
  });
});

describe('closing', () => {
  it('lets a request under way finish', async () => {
    const other = await setup();
    await other.addUser('ann');
    const reached = Promise.withResolvers<void>();
    other.trigger.run = async (event) => {
      reached.resolve();
      await new Promise((resolve) => setTimeout(resolve, 100));
      return event;
    };
    const tokens = other.tokens('ann');
    await reached.promise;
    const started = Date.now();
    await Promise.all([other.pool.close(), expect(tokens).resolves.toBeDefined()]);
    expect(Date.now() - started).toBeLessThan(1500);
    await other.stop();
  });
});
