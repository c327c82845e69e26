/** The drill of docs/operations.md: a table is put back to an earlier time, the user pool is not. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { runReconcileCommand } from '../../infra/cli/reconcile-command.ts';
import { signedFetch } from '../../infra/cli/signed-fetch.ts';
import { Browser, basic, type Envelope, formField, linkIn, waitForMail } from '../../infra/local/clients.ts';
import { type Stack, startStack } from '../../infra/local/stack.ts';

const EARLIER = 'seventeen quiet lanterns';
const LATER = 'nine wandering teacups';
const AFTERWARDS = 'eleven patient harbours';
const ALICE = 'alice@drill.example';
const BOT = 'bot@drill.example';

const folder = await mkdtemp(join(tmpdir(), 'psa-restore-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const stateDir = join(folder, 'state');

async function start(): Promise<Stack> {
  const stack = await startStack({ port: 0, stateDir });
  onTestFinished(() => stack.close());
  return stack;
}

async function choose({ url, inboxUrl }: Stack, to: string, count: number, password: string) {
  const link = linkIn(await waitForMail(inboxUrl, { to, subject: /(create|reset)/i, count }));
  const browser = new Browser();
  const here = new URL(link);
  // The link is of the run before where that had another port.
  const screen = await browser.get(`${url}${here.pathname}${here.search}`);
  const formToken = formField(screen.html, 'formToken');
  const done = await browser.post(`${url}/password/new`, {
    password,
    confirmation: password,
    formToken,
  });
  expect(done.status).toBe(200);
}

async function tokenReply({ url }: Stack, user: string, password: string) {
  const reply = await fetch(`${url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: basic(`drill\\${user}`, password) },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  return (await reply.json()) as { access_token?: string; reason?: string };
}

async function call({ url }: Stack, token: string | undefined, method: string, path: string, body?: object) {
  const reply = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const envelope = (await reply.json()) as Envelope;
  expect(envelope.error).toBeNull();
  return envelope.result as { id: number };
}

async function reconcile(stack: Stack, ...flags: readonly string[]) {
  const out: string[] = [];
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_REGION: stack.operator.region,
    AWS_ENDPOINT_URL_LAMBDA: stack.endpoints.lambda,
    AWS_ACCESS_KEY_ID: stack.operator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: stack.operator.secretAccessKey,
  });
  const code = await runReconcileCommand(['--stage', 'local', ...flags], {
    out: (line) => out.push(line),
    err: (line) => out.push(line),
  });
  process.env = before;
  return { code, out: out.join('\n') };
}

test('after a restore one command tells whose password is gone, and mails them links', async () => {
  let stack = await start();
  const created = await signedFetch(`${stack.url}/v2/platform/tenants`, {
    method: 'POST',
    body: JSON.stringify({
      company: 'Drill',
      licences: 3,
      administrator: { userName: 'alice', firstName: 'A', lastName: 'R', emailAddress: ALICE },
    }),
    credentials: stack.operator,
    region: stack.operator.region,
  });
  expect(created.status).toBe(200);
  await choose(stack, ALICE, 1, EARLIER);
  const { access_token: admin } = await tokenReply(stack, 'alice', EARLIER);
  await call(stack, admin, 'PATCH', '/v2/admin/security/roles/5', { apiAccess: true });
  const bot = await call(stack, admin, 'POST', '/v2/hr/employees', {
    ...{ userName: 'bot', userType: 'API Employee', firstName: 'B', lastName: 'T' },
    ...{ emailAddress: BOT, securityRoleIds: [5], sendInstructions: true },
  });
  await choose(stack, BOT, 1, EARLIER);
  await stack.close();
  await cp(join(stateDir, 'table'), join(folder, 'back-up'), { recursive: true });

  // Later the bot gets another password: the Cognito user of the first is disabled.
  stack = await start();
  const { access_token: again } = await tokenReply(stack, 'alice', EARLIER);
  await call(stack, again, 'POST', `/v2/hr/employees/${bot.id}/resetinstructions`);
  await choose(stack, BOT, 2, LATER);
  await expect.poll(async () => (await tokenReply(stack, 'bot', LATER)).reason).toBeUndefined();
  expect((await reconcile(stack)).code).toBe(0);
  await stack.close();

  // Then the table is lost, and comes back as it was.
  await rm(join(stateDir, 'table'), { recursive: true });
  await rm(join(stateDir, 'stream'), { recursive: true });
  await cp(join(folder, 'back-up'), join(stateDir, 'table'), { recursive: true });
  stack = await start();
  expect((await tokenReply(stack, 'bot', EARLIER)).reason).toBe('credentials_wrong');
  expect((await tokenReply(stack, 'bot', LATER)).reason).toBe('credentials_wrong');
  expect((await tokenReply(stack, 'alice', EARLIER)).reason).toBeUndefined();

  const seen = await reconcile(stack);
  expect(seen.code).toBe(3);
  expect(seen.out).toContain(`drill, employee ${bot.id}: Cognito user disabled; link: not_asked`);
  const sent = await reconcile(stack, '--repair', '--send-links');
  expect(sent.out).toContain(`drill, employee ${bot.id}: Cognito user disabled; link: owed`);
  await choose(stack, BOT, 3, AFTERWARDS);
  expect((await tokenReply(stack, 'bot', AFTERWARDS)).reason).toBeUndefined();
  expect((await tokenReply(stack, 'bot', LATER)).reason).toBe('credentials_wrong');
  const clean = await reconcile(stack);
  expect(clean.out).toContain('Lost passwords          0');
}, 120_000);
