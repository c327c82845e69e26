/** AWS with no latency of its own: answers what one token request asks of DynamoDB and Cognito. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Transport } from '../../shared/aws/transport.ts';
import { tenantKey } from '../../shared/store/keys.ts';
import { packRole } from '../../shared/store/role-digest.ts';

const TENANT = 'acme';
const GENERATION = `a${'0'.repeat(20)}`;
const role = {
  id: 5,
  name: 'Service Desk Manager',
  active: true,
  external: false,
  system: true,
  administrator: false,
  apiAccess: true,
  rights: {},
};
const tenant = {
  ...tenantKey(TENANT),
  schema: 1,
  type: 'tenant',
  tenant: TENANT,
  company: 'Acme',
  timeZone: 'UTC',
  active: true,
  requireMfa: false,
  activeAdministrators: 1,
  roles: { 5: packRole(role) },
  rolesVersion: 1,
  auditKey: 'k',
  version: 1,
  createdOn: '2026-01-01T00:00:00.000Z',
};
const login = {
  PK: tenantKey(TENANT).PK,
  SK: 'LOGIN#bot',
  schema: 1,
  type: 'login',
  userType: 'API Employee',
  active: true,
  sso: false,
  roleIds: [5],
  generation: GENERATION,
  tokensValidAfter: 0,
  tenant: TENANT,
  employeeId: 7,
};

const attempts = {
  schema: 1,
  type: 'attempts',
  failures: 1,
  lastAt: 0,
  level: 0,
  day: '2026-01-01',
  today: 1,
  expiresAt: 4_000_000_000,
};

const TYPE = 'application/x-amz-json-1.1';
const ANSWERS: Readonly<Record<string, unknown>> = {
  GetItem: {},
  BatchGetItem: { Responses: { stub: [marshall(tenant), marshall(login)] } },
  UpdateItem: { Attributes: marshall(attempts) },
  BatchWriteItem: {},
  DescribeUserPoolClient: { UserPoolClient: { ClientSecret: 'stub', RefreshTokenValidity: 30 } },
  AdminInitiateAuth: {
    AuthenticationResult: { AccessToken: 'stub', RefreshToken: 'stub', ExpiresIn: 3600 },
  },
};

function answerTo(target: unknown) {
  const [, action = ''] = String(target ?? '').split('.');
  const answer = ANSWERS[action];
  return {
    statusCode: answer === undefined ? 400 : 200,
    body: JSON.stringify(answer ?? { __type: `NoAnswerFor${action}` }),
  };
}

/** In the place of a client's own, without a socket: requests are serialised, signed, and answered at once. */
export const stubTransport = (): Transport => async (request) => {
  const { statusCode, body } = answerTo(request.headers['x-amz-target']);
  return { statusCode, headers: { 'content-type': TYPE }, body };
};

/** In the place of a client's `call`: nothing is serialised or signed. */
export async function stubCall(operation: string): Promise<unknown> {
  const answer = ANSWERS[operation];
  if (answer === undefined) throw new Error(`There is no answer for ${operation}`);
  return answer;
}

export type StubAws = { readonly url: string; close(): Promise<void> };

export async function startStubAws(): Promise<StubAws> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => {
      const { statusCode, body } =
        request.method === 'GET'
          ? { statusCode: 200, body: '{"keys":[]}' }
          : answerTo(request.headers['x-amz-target']);
      response.writeHead(statusCode, { 'content-type': TYPE });
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function stubEnvironment(url: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'stub',
    AWS_SECRET_ACCESS_KEY: 'stub',
    AWS_SESSION_TOKEN: 'stub',
    AWS_LAMBDA_FUNCTION_NAME: 'bench',
    // As deployed (infra/aws/function.ts): without them each metric would come with a warning.
    METRICS_NAMESPACE: 'bench',
    SERVICE_NAME: 'bench',
    LOG_LEVEL: 'INFO',
    AWS_ENDPOINT_URL: url,
    TABLE_NAME: 'stub',
    USER_POOL_ID: 'eu-west-1_stub',
    API_CLIENT_ID: 'stub',
    PUBLIC_URL: 'https://psa.example',
    TOKEN_ISSUER: url,
    TOKEN_JWKS_URI: `${url}/jwks.json`,
  };
}
