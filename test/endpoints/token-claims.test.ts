import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PreTokenGenerationV2TriggerEvent } from 'aws-lambda';
import { describe, expect, it, test, vi } from 'vitest';
import { gatewayClientFinder } from '../../functions/token-claims/gateway-client.ts';
import { tokenClaims } from '../../functions/token-claims/token-claims.ts';

const API = 'api-client-id';
const GATEWAY = 'gateway-client-id';
const PERSON = `acme.7.p${'0'.repeat(20)}`;
const API_EMPLOYEE = `acme.8.a${'0'.repeat(20)}`;

function eventOf(userName: string, clientId: string): PreTokenGenerationV2TriggerEvent {
  return {
    version: '2',
    triggerSource: 'TokenGeneration_Authentication',
    region: 'eu-central-1',
    userPoolId: 'eu-central-1_abcdefghi',
    userName,
    callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
    request: { userAttributes: {}, groupConfiguration: {}, scopes: ['aws.cognito.signin.user.admin'] },
    response: { claimsAndScopeOverrideDetails: {} },
  };
}

const trigger = tokenClaims(async () => GATEWAY);
const accessToken = async (userName: string, clientId: string) =>
  (await trigger(eventOf(userName, clientId))).response.claimsAndScopeOverrideDetails.accessTokenGeneration;

describe('the pre-token trigger', () => {
  it('adds tenant and employee, read from the user name', async () => {
    expect((await accessToken(API_EMPLOYEE, API))?.claimsToAddOrOverride).toEqual({
      tenant: 'acme',
      employee_id: '8',
    });
  });

  it('says of a refreshed token of which sign-in it is, and of no other', async () => {
    const added = async (clientMetadata?: Record<string, string>) => {
      const event = eventOf(API_EMPLOYEE, API);
      const request = { ...event.request, ...(clientMetadata ? { clientMetadata } : {}) };
      const { response } = await trigger({ ...event, request });
      return response.claimsAndScopeOverrideDetails.accessTokenGeneration?.claimsToAddOrOverride;
    };
    const signIn = { sign_in_id: '0b5d5a3e-8e9f-4f6e-9a55-1f0f3d9c7a11', signed_in_at: '1764000000' };
    expect(await added({ ...signIn, employee_id: '9' })).toEqual({
      ...{ tenant: 'acme', employee_id: '8' },
      ...signIn,
    });
    expect(await added({})).toEqual({ tenant: 'acme', employee_id: '8' });
  });

  test.each([
    ['an API Employee at the API', API_EMPLOYEE, API],
    ['a person at the API', PERSON, API],
    ['a person at a client that it does not know', PERSON, 'another-client'],
  ])('takes the self-service scope off the token of %s', async (_, userName, clientId) => {
    expect((await accessToken(userName, clientId))?.scopesToSuppress).toEqual([
      'aws.cognito.signin.user.admin',
    ]);
  });

  it('leaves the scope to a person at the gateway, to set up a second factor with', async () => {
    expect((await accessToken(PERSON, GATEWAY))?.scopesToSuppress).toEqual([]);
  });

  it('lets no API Employee through the gateway (M7)', async () => {
    await expect(trigger(eventOf(API_EMPLOYEE, GATEWAY))).rejects.toThrow();
  });

  test.each([['bot'], ['acme.8'], ['acme.0.a00000000000000000000'], ['acme.8.x00000000000000000000'], ['']])(
    'gives no token to a user named %j',
    async (userName) => {
      await expect(trigger(eventOf(userName, API))).rejects.toThrow();
    },
  );

  it('gives no token while it cannot tell the clients apart', async () => {
    const blind = tokenClaims(() => Promise.reject(new Error('throttled')));
    await expect(blind(eventOf(API_EMPLOYEE, API))).rejects.toThrow('throttled');
  });
});

describe('finding the gateway client', () => {
  type Page = { UserPoolClients?: { ClientId: string; ClientName: string }[]; NextToken?: string };

  /** A client that answers each call with the next of `answers`. */
  function setup(...answers: (Page | Error)[]) {
    const calls = { made: 0 };
    const call = async () => {
      const answer = answers[calls.made];
      calls.made += 1;
      if (answer === undefined || answer instanceof Error) throw answer ?? new Error('One call too many');
      return answer;
    };
    const find = gatewayClientFinder({ call } as unknown as Parameters<typeof gatewayClientFinder>[0]);
    return { calls, find: () => find('pool') };
  }
  const gateway = { ClientId: GATEWAY, ClientName: 'gateway' };
  const api = { ClientId: API, ClientName: 'api' };

  it('asks once, however many sign in', async () => {
    const { calls, find } = setup({ UserPoolClients: [api, gateway] });
    expect(await Promise.all([find(), find(), find()])).toEqual([GATEWAY, GATEWAY, GATEWAY]);
    expect(calls.made).toBe(1);
  });

  it('knows it by the name of its stage too, and reads on', async () => {
    const { find } = setup(
      { UserPoolClients: [api], NextToken: 'more' },
      { UserPoolClients: [{ ClientId: GATEWAY, ClientName: 'prod-gateway' }] },
    );
    expect(await find()).toBe(GATEWAY);
  });

  it('asks again after a failure', async () => {
    const { find } = setup(new Error('throttled'), { UserPoolClients: [gateway] });
    await expect(find()).rejects.toThrow('throttled');
    expect(await find()).toBe(GATEWAY);
  });

  it('fails when there is none', async () => {
    await expect(setup({ UserPoolClients: [api] }).find()).rejects.toThrow('no gateway client');
  });
});

/** Cognito lists the clients of one pool some five times a second, and each environment of the function asks once. */
test('throttled twice, the trigger still finds the client, well within the five seconds that Cognito waits', async () => {
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      asked += 1;
      const [status, body] =
        asked > 2
          ? [200, { UserPoolClients: [{ ClientId: GATEWAY, ClientName: 'gateway' }] }]
          : [400, { __type: 'TooManyRequestsException', message: 'Rate exceeded' }];
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    for (const [name, value] of Object.entries({
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: `http://127.0.0.1:${port}`,
    })) {
      vi.stubEnv(name, value);
    }
    const { handler } = await import('../../functions/token-claims/handler.ts');
    const started = Date.now();
    await handler(eventOf(API_EMPLOYEE, API));
    expect(asked).toBe(3);
    expect(Date.now() - started).toBeLessThan(4000);
  } finally {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});
