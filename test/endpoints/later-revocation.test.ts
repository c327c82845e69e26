import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it, onTestFinished, test } from 'vitest';
import { redeem } from '../../functions/passwords/redeem.ts';
import { setByHand } from '../../functions/passwords/set-by-hand.ts';
import { epochSeconds } from '../../shared/clock.ts';
import { openUserPool } from '../../shared/identity/user-pool.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { readReset } from '../../shared/store/resets.ts';
import { removeFactor } from '../../shared/store/second-factors.ts';
import { readSignIn } from '../../shared/store/sign-in.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { aroundCalls, EVERY_CLIENT } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { startFront } from '../support/front.ts';
import { originFrom } from '../support/origin.ts';
import { newPerson, type Person } from '../support/people.ts';
import { fetchToken, mailedLink, newTenant, request, type Tenant } from '../support/world.ts';

/** What ends tokens up to its own second does not give back what a revocation of a later second ended (M18). */

const NEW = 'nine returning harbours';
const origin = originFrom('192.0.2.9');

let environment: ReturnType<typeof useStackEnvironment>;
let table: Table;
let tenant: Tenant;
beforeAll(async () => {
  environment = useStackEnvironment();
  table = openTable(environment.TABLE_NAME);
  tenant = await newTenant({ licences: 10 });
});

async function employeeOf({ id }: Person) {
  const employee = await readEmployee(table, tenant.name, id);
  if (employee === undefined) throw new Error('There is no such employee');
  return employee;
}

/** Revokes in a second that has not begun yet; answers that second. */
async function revokeLater({ id }: Person): Promise<number> {
  await sleep(1000 - (Date.now() % 1000));
  const reply = await request('POST', `/v2/hr/employees/${id}/revoke`, { token: tenant.admin });
  return epochSeconds(new Date((reply.result as { revokedUntil: string }).revokedUntil));
}

/** Before the first transaction that a client sends, there comes such a revocation. */
function revokedBeforeWrite(client: Parameters<typeof aroundCalls>[0], person: Person) {
  let second: Promise<number> | undefined;
  const restore = aroundCalls(client, async ({ operation, input }, next) => {
    if (operation === 'TransactWriteItems' && JSON.stringify(input).includes('tokensValidAfter')) {
      second ??= revokeLater(person);
      await second;
    }
    return next();
  });
  onTestFinished(restore);
  return async () => second ?? expect.fail('No tokens were ended');
}

async function expectEndedUpTo(person: Person, second: number) {
  const employee = await employeeOf(person);
  const { login } = await readSignIn(table, tenant.name, employee.userName);
  expect(employee.tokensValidAfter).toBeGreaterThanOrEqual(second);
  expect(login?.tokensValidAfter).toBe(employee.tokensValidAfter);
}

const deps = () => {
  const pool = openUserPool({ poolId: environment.USER_POOL_ID, apiClientId: environment.API_CLIENT_ID });
  return { table: openTable(environment.TABLE_NAME), pool, publicUrl: 'https://psa.example' };
};

test.each([
  [
    'set by an admin',
    async (person: Person, own: ReturnType<typeof deps>) =>
      setByHand(own, await employeeOf(person), NEW, {
        actor: { kind: 'employee', id: tenant.adminId, userType: 'Employee' },
        origin,
      }),
  ],
  [
    'set by a link',
    async (person: Person, own: ReturnType<typeof deps>) => {
      await request('POST', `/v2/hr/employees/${person.id}/resetinstructions`, { token: tenant.admin });
      await mailedLink(person.emailAddress, 2);
      const employee = await employeeOf(person);
      const open = await readReset(table, employee.resetId ?? '');
      if (open === undefined) throw new Error('There is no such link');
      return redeem(own, { ...open, employee }, NEW, { origin, now: new Date() });
    },
  ],
])('a password %s, which stands all the same', async (_, set) => {
  const person = await newPerson(tenant);
  const own = deps();
  const revokedIn = revokedBeforeWrite(own.table.client, person);
  expect(await set(person, own)).toMatchObject({ ok: true });
  await expectEndedUpTo(person, await revokedIn());
  expect((await fetchToken(person.user, NEW)).status).toBe(200);
});

it('a deactivation that lost the race against it', async () => {
  const person = await newPerson(tenant);
  const front = await startFront();
  onTestFinished(() => front.close());
  const revokedIn = revokedBeforeWrite(EVERY_CLIENT, person);
  const path = `/v2/hr/employees/${person.id}/deactivate`;
  const reply = await request('POST', path, { token: tenant.admin, url: front.url });
  expect(reply.status).toBe(200);
  await expectEndedUpTo(person, await revokedIn());
});

test.each([
  ['by somebody who did not see it, which is refused', async (before: object) => before, false],
  ['that was asked for before it', async (_: object, person: Person) => employeeOf(person), true],
] as const)('a removal of the second factor %s', async (_, seen, removed) => {
  const person = await newPerson(tenant);
  const before = await employeeOf(person);
  const at = new Date();
  const second = await revokeLater(person);
  const employee = (await seen(before, person)) as typeof before;
  const audit = {
    tenant: tenant.name,
    at,
    action: 'factor.remove',
    outcome: 'done',
    actor: { kind: 'owner', id: person.id },
    employeeId: person.id,
  } as const;
  expect(await removeFactor(table, employee, 'factor-removed', audit)).toBe(removed);
  await expectEndedUpTo(person, second);
});
