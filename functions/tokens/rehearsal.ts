import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type * as v from 'valibot';
import { cognitoClient } from '../../shared/aws/cognito.ts';
import { dynamoDbClient } from '../../shared/aws/dynamodb.ts';
import type { ClientSettings } from '../../shared/aws/json-client.ts';
import { DAY_SECONDS, epochSeconds } from '../../shared/clock.ts';
import type { httpFunction } from '../../shared/http/http-function.ts';
import type { UserPool } from '../../shared/identity/user-pool.ts';
import { revokeToken } from '../../shared/routes/oauth.ts';
import { routeKey } from '../../shared/routes/route.ts';
import type { AttemptsItem } from '../../shared/store/attempts.ts';
import type { loginItem, tenantItem } from '../../shared/store/items.ts';
import { loginKey, tenantKey } from '../../shared/store/keys.ts';
import { type Table, toAttributes } from '../../shared/store/table.ts';

/** Of all there is on the stage: company, user, password, table, pool. A real company of that name is none the wiser. */
const NAME = 'rehearsal';
/** The second takes what the first left to compile; a third would cost a cold start more than its first call saves. */
const TIMES = 2;
const EMPLOYEE = 1;
const ROLE = 1;

const tenant: v.InferInput<typeof tenantItem> = {
  schema: 1,
  type: 'tenant',
  tenant: NAME,
  company: NAME,
  timeZone: 'UTC',
  active: true,
  requireMfa: false,
  activeAdministrators: 0,
  roles: { [ROLE]: `h:${NAME}` },
  rolesVersion: 1,
  auditKey: NAME,
  version: 1,
  createdOn: new Date(0).toISOString(),
};
const login: v.InferInput<typeof loginItem> = {
  schema: 1,
  type: 'login',
  userType: 'API Employee',
  active: true,
  sso: false,
  roleIds: [ROLE],
  generation: NAME,
  tokensValidAfter: 0,
  tenant: NAME,
  employeeId: EMPLOYEE,
};

/** What a table and a pool of one account, whose password is right, answer to a sign-in. */
function answersAt(now: number): Readonly<Record<string, object>> {
  const attempts: AttemptsItem = {
    schema: 1,
    type: 'attempts',
    failures: 1,
    lastAt: now,
    level: 0,
    day: '1970-01-01',
    today: 1,
    expiresAt: now + DAY_SECONDS,
  };
  const found = [
    { ...tenantKey(NAME), ...tenant },
    { ...loginKey(NAME, NAME), ...login },
  ];
  return {
    BatchGetItem: { Responses: { [NAME]: found.map(toAttributes) } },
    UpdateItem: { Attributes: toAttributes(attempts) },
    AdminInitiateAuth: {
      AuthenticationResult: { AccessToken: NAME, RefreshToken: NAME, ExpiresIn: DAY_SECONDS },
    },
    BatchWriteItem: {},
  };
}

/** Nothing leaves the process: what would be sent is answered from memory. */
function stageSettings(): ClientSettings {
  const answers = answersAt(epochSeconds(new Date()));
  return {
    maxAttempts: 1,
    transport:
      () =>
      async ({ headers }) => {
        const [, operation = ''] = headers['x-amz-target']?.split('.') ?? [];
        const answer = answers[operation];
        if (answer === undefined) throw new Error(`The rehearsal knows no ${operation}`);
        return { statusCode: 200, headers: {}, body: JSON.stringify(answer) };
      },
  };
}

/**
 * Acts out a client's whole call before the first one comes, on a table and a pool of its own that hold one invented
 * account: init runs at full speed whatever the memory size, so that the first caller finds every function of the way
 * compiled (P3, docs/decisions/0042-rehearsal-at-init.md). It revokes a token that is none: what it takes to know the
 * client is what a token request takes, and it is not counted as one.
 * @throws Error where the call does not end well.
 */
export async function rehearse(
  build: (table: Table, pool: UserPool) => ReturnType<typeof httpFunction>,
): Promise<void> {
  const settings = stageSettings();
  const table = { client: dynamoDbClient(settings), name: NAME };
  const api = { id: NAME, secret: NAME, refreshTokenDays: 1 };
  const pool = { client: cognitoClient(settings), poolId: NAME, api };
  const credentials = Buffer.from(`${NAME}\\${NAME}:${NAME}`).toString('base64');
  const event = {
    routeKey: routeKey(revokeToken),
    headers: {
      authorization: `Basic ${credentials}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    requestContext: { http: { sourceIp: '192.0.2.1' }, requestId: NAME },
    body: `token=${NAME}`,
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2;
  const handler = build(table, pool);
  for (let time = 0; time < TIMES; time += 1) {
    const { statusCode } = await handler(event, {} as Context);
    if (statusCode === 200) continue;
    // Of an error the log has the name, and no message.
    const name = `Http${statusCode}`;
    throw Object.assign(new Error(`The rehearsal ended with ${statusCode}`), { name });
  }
}
