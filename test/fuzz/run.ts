/**
 * `npm run fuzz [-- --inputs 20000 --seed 1]`: sends requests with something wrong to the token endpoints, in this
 * process, against a stack of its own. Never a 5xx, never a token, never a secret in a reply or a log line.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import fc from 'fast-check';
import { signedFetch } from '../../infra/cli/signed-fetch.ts';
import { Browser, basic, formField, linkIn, waitForMail } from '../../infra/local/clients.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';
import { type FuzzRequest, fuzzRequest, type Truth } from './inputs.ts';

type Handler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

const PASSWORD = 'seventeen quiet lanterns';
/** Sent at once; fast-check itself runs one after the other. */
const AT_ONCE = 20;

const HELP = `Usage: npm run fuzz -- [flags]

Sends requests with something wrong to the token endpoints of a stack of its own. None may get a token, a 5xx, or a
secret into a reply or a log line.

  --inputs N     how many; else 20000
  --seed N       of the chance that makes them, to repeat a run; else 20261124
  --help         this text`;

const { numRuns, seed } = orders();

const stateDir = await mkdtemp(join(tmpdir(), 'psa-fuzz-'));
const stack = await startStack({ port: 0, stateDir });
let logged = '';
const say = process.stdout.write.bind(process.stdout);
try {
  const truth = await signedUp(stack);
  const handler = await inProcess(stack, truth);
  keepLogs();
  await soundness(handler, truth);
  const statuses = new Map<number, number>();
  const property = fc.asyncProperty(
    fc.array(fuzzRequest(truth), { minLength: AT_ONCE, maxLength: AT_ONCE }),
    async (requests) => {
      logged = '';
      const replies = await Promise.all(requests.map((request) => send(handler, request)));
      for (const [index, reply] of replies.entries()) {
        const { statusCode = 0 } = reply;
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
        judge(requests[index], reply);
      }
    },
  );
  await fc.assert(property, { numRuns, seed, endOnFailure: true });
  const spread = [...statuses].sort().map(([status, count]) => `${status}: ${count}`);
  say(`fuzz: ${numRuns * AT_ONCE} inputs, seed ${seed}, none got through (${spread.join(', ')})\n`);
} catch (error) {
  say(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await stack.close();
  await rm(stateDir, { recursive: true, force: true });
}

/** Ends the process where there is nothing to run. */
function orders(): { readonly numRuns: number; readonly seed: number } {
  try {
    const { values } = parseArgs({
      options: {
        inputs: { type: 'string', default: '20000' },
        seed: { type: 'string', default: '20261124' },
        help: { type: 'boolean' },
      },
    });
    if (values.help) {
      console.log(HELP);
      process.exit(0);
    }
    const inputs = Number(values.inputs);
    const seed = Number(values.seed);
    if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed))
      throw new TypeError('--inputs and --seed must be whole numbers.');
    return { numRuns: Math.ceil(inputs / AT_ONCE), seed };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

function judge(request: FuzzRequest | undefined, reply: APIGatewayProxyStructuredResultV2): void {
  const told = `${JSON.stringify(reply.headers)}${reply.body}`;
  const { statusCode = 0, body = '' } = reply;
  if (statusCode >= 500) throw new Error(`A fault: ${statusCode} ${body}`);
  if (/"access_?token"\s*:/i.test(body)) throw new Error(`A token got out: ${body.slice(0, 80)}`);
  if (/"active":true/.test(body)) throw new Error(`A wrong caller was told of a token: ${body}`);
  for (const secret of request?.secrets ?? []) {
    if (told.includes(secret)) throw new Error(`A secret is in the reply: ${told}`);
    if (logged.includes(secret)) throw new Error(`A secret is in the log: ${logged}`);
  }
}

/** The same checks must fail for what is right, or they would pass for want of a token to find. */
async function soundness(handler: Handler, truth: Truth): Promise<void> {
  const right = {
    routeKey: 'POST /oauth2/token',
    headers: {
      authorization: basic(`${truth.company}\\${truth.userName}`, truth.password),
      'content-type': 'application/x-www-form-urlencoded',
    },
    query: '',
    body: Buffer.from('grant_type=client_credentials'),
    secrets: [],
  };
  const reply = await send(handler, right);
  let caught = false;
  try {
    judge(right, reply);
  } catch {
    caught = true;
  }
  if (!caught) throw new Error('The right password got no token, so that the fuzz could find none either');
}

/** As API Gateway hands it over: from a network that has proven nothing. */
function send(handler: Handler, request: FuzzRequest): Promise<APIGatewayProxyStructuredResultV2> {
  const [method = '', path = ''] = request.routeKey.split(' ');
  const event = {
    version: '2.0',
    routeKey: request.routeKey,
    rawPath: path,
    rawQueryString: request.query,
    headers: request.headers,
    requestContext: {
      requestId: crypto.randomUUID(),
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '198.51.100.77', userAgent: 'fuzz' },
    },
    body: request.body.toString('base64'),
    isBase64Encoded: true,
  };
  // Of the rest of an event the functions read nothing.
  return handler(event as unknown as APIGatewayProxyEventV2, {} as Context);
}

/** What the function writes from here on is judged, and is none of this command's own output: that goes by `say`. */
function keepLogs(): void {
  const keep = (chunk: string | Uint8Array) => {
    logged += chunk.toString();
    return true;
  };
  process.stdout.write = keep;
  process.stderr.write = keep;
}

/** A tenant whose Administrator has a password, and tokens of his. */
async function signedUp({ url, inboxUrl, operator }: Stack): Promise<Truth> {
  await signedFetch(`${url}/v2/platform/tenants`, {
    method: 'POST',
    body: JSON.stringify({
      company: 'Acme MSP',
      licences: 3,
      administrator: {
        userName: 'alice',
        firstName: 'Alice',
        lastName: 'Archer',
        emailAddress: 'alice@acme.example',
      },
    }),
    credentials: operator,
    region: operator.region,
  });
  const browser = new Browser();
  const screen = await browser.get(linkIn(await waitForMail(inboxUrl, { to: 'alice@acme.example' })));
  const formToken = formField(screen.html, 'formToken');
  await browser.post(`${url}/password/new`, { password: PASSWORD, confirmation: PASSWORD, formToken });
  const reply = await fetch(`${url}/v2/security/authenticate`, {
    method: 'POST',
    body: new URLSearchParams({
      GrantType: 'password',
      UserName: 'alice',
      Password: PASSWORD,
      Tenant: 'Acme MSP',
    }),
  });
  const { result } = (await reply.json()) as { result: { accessToken: string; refreshToken: string } };
  return { company: 'acme-msp', userName: 'alice', password: PASSWORD, ...result };
}

/** The function itself, in this process, with the environment that the stack would give it. */
async function inProcess(running: Stack, { accessToken }: Truth): Promise<Handler> {
  const metadata = await fetch(`${running.url}/.well-known/oauth-authorization-server`);
  const { jwks_uri: jwksUri } = (await metadata.json()) as { jwks_uri: string };
  const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as {
    iss: string;
  };
  Object.assign(process.env, {
    TABLE_NAME: running.tableName,
    USER_POOL_ID: running.userPool.poolId,
    API_CLIENT_ID: running.userPool.clients.api.id,
    TOKEN_ISSUER: claims.iss,
    TOKEN_JWKS_URI: jwksUri,
    PUBLIC_URL: running.url,
    SERVICE_NAME: 'psa-accounts-fuzz',
    METRICS_NAMESPACE: 'PsaAccounts',
    AWS_REGION: running.operator.region,
    AWS_ACCESS_KEY_ID: 'fuzz',
    AWS_SECRET_ACCESS_KEY: 'fuzz',
    AWS_ENDPOINT_URL_DYNAMODB: running.endpoints.dynamodb,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: running.endpoints.cognito,
  });
  const { handler } = await import('../../functions/tokens/handler.ts');
  return handler as unknown as Handler;
}
