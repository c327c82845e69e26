/** The drill of docs/operations.md: a table is put back to an earlier time, the user pool is not. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { startStack } from '../../infra/local/stack.ts';
import { OwnStack } from '../support/own-stack.ts';

const EARLIER = 'seventeen quiet lanterns';
const LATER = 'nine wandering teacups';
const AFTERWARDS = 'eleven patient harbours';
const BOT = 'bot@drill.example';

const folder = await mkdtemp(join(tmpdir(), 'psa-restore-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const stateDir = join(folder, 'state');

async function start() {
  const stack = await startStack({ port: 0, stateDir });
  onTestFinished(() => stack.close());
  return { stack, own: new OwnStack(stack, 'drill') };
}

test('after a restore one command tells whose password is gone, and mails them links', async () => {
  const before = await start();
  const admin = await before.own.found('alice@drill.example', EARLIER);
  await before.own.call(admin, 'PATCH', '/v2/admin/security/roles/5', { apiAccess: true });
  const bot = await before.own.call(admin, 'POST', '/v2/hr/employees', {
    ...{ userName: 'bot', userType: 'API Employee', firstName: 'B', lastName: 'T' },
    ...{ emailAddress: BOT, securityRoleIds: [5], sendInstructions: true },
  });
  await before.own.choose(BOT, 1, EARLIER);
  await before.stack.close();
  await cp(join(stateDir, 'table'), join(folder, 'back-up'), { recursive: true });

  // Later the bot gets another password: the Cognito user of the first is disabled.
  const since = await start();
  const again = await since.own.tokenOf('alice', EARLIER);
  await since.own.call(again, 'POST', `/v2/hr/employees/${bot.id}/resetinstructions`);
  await since.own.choose(BOT, 2, LATER);
  await since.own.tokenOf('bot', LATER);
  expect((await since.own.reconcile()).code).toBe(0);
  await since.stack.close();

  // Then the table is lost, and comes back as it was.
  await rm(join(stateDir, 'table'), { recursive: true });
  await rm(join(stateDir, 'stream'), { recursive: true });
  await cp(join(folder, 'back-up'), join(stateDir, 'table'), { recursive: true });
  const { own } = await start();
  expect((await own.token('bot', EARLIER)).reason).toBe('credentials_wrong');
  expect((await own.token('bot', LATER)).reason).toBe('credentials_wrong');
  await own.tokenOf('alice', EARLIER);

  const seen = await own.reconcile();
  expect(seen.code).toBe(3);
  expect(seen.out).toContain(`drill, employee ${bot.id}: Cognito user disabled; link: not_asked`);
  const sent = await own.reconcile('--repair', '--send-links');
  expect(sent.out).toContain(`drill, employee ${bot.id}: Cognito user disabled; link: owed`);
  await own.choose(BOT, 3, AFTERWARDS);
  await own.tokenOf('bot', AFTERWARDS);
  expect((await own.token('bot', LATER)).reason).toBe('credentials_wrong');
  expect((await own.reconcile()).out).toMatch(/^Lost passwords +0$/m);
}, 120_000);
