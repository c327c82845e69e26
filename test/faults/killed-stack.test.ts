/** R10: the local stack is killed under load, at whatever moment. */
import { fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { Stack } from '../../infra/local/stack.ts';
import { STAND_IN_CREDENTIALS } from '../../infra/local/table.ts';
import { dynamoDbClient } from '../../shared/aws/dynamodb.ts';
import { allGone, temporaryFolder } from '../local/support.ts';
import { OwnStack } from '../support/own-stack.ts';
import { breachesIn, itemsOf } from './invariants.ts';

type Told = Pick<Stack, 'url' | 'inboxUrl' | 'operator' | 'endpoints' | 'tableName'> & {
  readonly processIds: readonly number[];
};
const RUN_STACK = fileURLToPath(new URL('run-stack.ts', import.meta.url));
const PASSWORD = 'seventeen quiet lanterns';
const CLIENTS = 8;

async function start(stateDir: string) {
  const child = fork(RUN_STACK, [stateDir], { execArgv: [], stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const told = await new Promise<Told>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Told));
    child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
  });
  const kill = async () => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    await allGone(told.processIds);
  };
  return { told, own: new OwnStack(told, 'killed'), kill };
}

test('R10 every change that was acknowledged is there after the restart, and nothing is there by half', async () => {
  const stateDir = await temporaryFolder();
  const first = await start(stateDir);
  let admin = await first.own.found('alice@killed.example', PASSWORD, 100_000);
  const acknowledged = new Set<number>();
  const deleted = new Set<number>();
  let { told, own, kill } = first;
  for (let round = 0; round < 3; round += 1) {
    let stopped = false;
    const client = async (name: number) => {
      for (let at = 0; !stopped; at += 1) {
        const userType = at % 2 === 0 ? 'Employee' : 'API Employee';
        const fields = { userName: `c${round}-${name}-${at}`, userType, firstName: 'K', lastName: 'L' };
        const made = await own.call(admin, 'POST', '/v2/hr/employees', fields);
        acknowledged.add(made.id);
        if (at % 3 !== 2) continue;
        // Neither there nor deleted, until it is answered.
        acknowledged.delete(made.id);
        await own.call(admin, 'DELETE', `/v2/hr/employees/${made.id}`);
        deleted.add(made.id);
      }
    };
    const load = Array.from({ length: CLIENTS }, (_, name) => client(name).catch(() => undefined));
    await sleep(1500 + 500 * round);
    await kill();
    stopped = true;
    await Promise.all(load);
    ({ told, own, kill } = await start(stateDir));
    admin = await own.tokenOf('alice', PASSWORD);
    const { region } = told.operator;
    const db = dynamoDbClient({
      maxAttempts: 3,
      endpoint: told.endpoints.dynamodb,
      region,
      credentials: STAND_IN_CREDENTIALS,
    });
    const items = await itemsOf({ client: db, name: told.tableName }, 'killed');
    const there = new Set(items.filter(({ type }) => type === 'employee').map(({ id }) => id as number));
    expect(acknowledged.size).toBeGreaterThan(10 * (round + 1));
    expect([...acknowledged].filter((id) => !there.has(id))).toEqual([]);
    expect([...deleted].filter((id) => there.has(id))).toEqual([]);
    expect(breachesIn(items)).toEqual([]);
  }
  await kill();
}, 120_000);
