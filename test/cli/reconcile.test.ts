import { LambdaClient } from '@aws-sdk/client-lambda';
import { expect, it, onTestFinished, test, vi } from 'vitest';
import { runReconcileCommand } from '../../infra/cli/reconcile-command.ts';
import { functions } from '../../infra/functions.ts';
import { newReset } from '../../shared/store/resets.ts';
import { openTable, putItem } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { mailedLink, newEmployee, newTenant, stack } from '../support/world.ts';

/** The command as operators run it, against Lambda's own API. */
async function reconcile(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runReconcileCommand(args, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** The key pair of the operator; other code of this process has its own. */
async function asOperator<T>(work: () => Promise<T>, secret = stack.operator.secretAccessKey): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, {
    AWS_REGION: stack.operator.region,
    AWS_ENDPOINT_URL_LAMBDA: stack.endpoints.lambda,
    AWS_ACCESS_KEY_ID: stack.operator.accessKeyId,
    AWS_SECRET_ACCESS_KEY: secret,
  });
  try {
    return await work();
  } finally {
    process.env = before;
  }
}

test('R7 one command sends what is owed on its way', async () => {
  const table = openTable(useStackEnvironment().TABLE_NAME);
  const tenant = await newTenant();
  const { id, emailAddress } = await newEmployee(tenant);
  const reset = newReset({ tenant: tenant.name, employeeId: id, requestedBy: 'admin' }, new Date());
  await putItem(table, { ...reset, outbox: 'sending' });
  const only = ['--stage', 'local', '--tenant', tenant.name.toUpperCase(), '--owed-for', '0'];
  const seen = await asOperator(() => reconcile(...only));
  expect(seen).toMatchObject({ code: 3, err: '' });
  expect(seen.out).toMatch(/^Owed mails +1$/m);
  expect(seen.out).toContain('--repair puts right what can be');
  const done = await asOperator(() => reconcile(...only, '--repair'));
  expect(done).toMatchObject({ code: 0, err: '' });
  expect(done.out).toMatch(/^Owed mails +1, 1 sent on their way$/m);
  expect(await mailedLink(emailAddress)).toContain(reset.id);
  const json = await asOperator(() => reconcile(...only.slice(0, 4), '--json'));
  expect(JSON.parse(json.out)).toMatchObject({ tenants: 1, employees: 2, next: null, repair: false });
});

test('the function says no in its own words, and Lambda in its own', async () => {
  const unknown = await asOperator(() => reconcile('--stage', 'local', '--tenant', 'no-such-company'));
  expect(unknown).toMatchObject({ code: 1, err: expect.stringContaining('There is no company') });
  const elsewhere = await asOperator(() => reconcile('--stage', 'prod'));
  expect(elsewhere).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /Function not found: psa-accounts-prod.*\. Is it the right --stage and --region\?$/,
    ),
  });
  const stranger = await asOperator(() => reconcile('--stage', 'local'), 'not the secret of the operator');
  expect(stranger).toMatchObject({ code: 1, err: expect.stringContaining('signature') });
});

test('waits for as long as the function may be at work, whatever the SDK takes for long', async () => {
  const waits: unknown[] = [];
  const send = vi.spyOn(LambdaClient.prototype, 'send').mockImplementation(async function (
    this: LambdaClient,
  ) {
    const handler = this.config.requestHandler as unknown as { configProvider: Promise<object> };
    waits.push(await handler.configProvider);
    throw new Error('enough');
  } as never);
  onTestFinished(() => send.mockRestore());
  expect(await asOperator(() => reconcile('--stage', 'local'))).toMatchObject({ code: 1 });
  const { timeoutSeconds = 0 } = functions.find(({ name }) => name === 'reconcile') ?? {};
  const [{ socketTimeout }] = waits as [{ socketTimeout?: number }];
  expect(socketTimeout).toBeGreaterThan(timeoutSeconds * 1000);
});

test('without a region or credentials it says where they are explained', async () => {
  const seen = await asOperator(() => {
    delete process.env.AWS_REGION;
    process.env.AWS_CONFIG_FILE = process.env.AWS_SHARED_CREDENTIALS_FILE = '/dev/null';
    return reconcile('--stage', 'local');
  });
  expect(seen).toMatchObject({ code: 1, err: expect.stringMatching(/Region is missing\. How .* --help$/) });
});

it.each([
  [[], '--stage is missing'],
  [['--stage', 'PROD'], '--stage must be'],
  [['--stage', 'prod', '--send-links'], 'needs --repair beside it'],
  [['--stage', 'prod', '--owed-for', 'soon'], '--owed-for must be a number of minutes'],
  [['--stage', 'prod', '--fast'], "Unknown option '--fast'"],
  [['--stage', 'prod', 'now'], 'Unexpected argument'],
])('%j is not understood: %s', async (args, message) => {
  expect(await reconcile(...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) });
});

test('--help tells each flag', async () => {
  const { code, out } = await reconcile('--help');
  expect(code).toBe(0);
  for (const flag of ['stage', 'repair', 'send-links', 'tenant', 'owed-for', 'region', 'json']) {
    expect(out).toContain(`--${flag}`);
  }
});
