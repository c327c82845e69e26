import { beforeAll, describe, expect, it } from 'vitest';
import { reserveAttempt } from '../../shared/store/attempts.ts';
import { attemptsKey, UNPROVEN_NETWORKS } from '../../shared/store/keys.ts';
import { openTable, type Table, toAttributes } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { fetchToken, newApiAccount, newTenant, PASSWORD, request, type Tenant } from '../support/world.ts';

const GUESSES_A_DAY = 100;
const QUIET_MINUTES = 15;

let table: Table;
let tenant: Tenant;
beforeAll(async () => {
  table = openTable(useStackEnvironment().TABLE_NAME);
  tenant = await newTenant();
});

type Account = { readonly id: number; readonly userName: string };
const path = ({ id }: Account) => `/v2/hr/employees/${id}/throttle`;
const look = (account: Account) => request('GET', path(account), { token: tenant.admin });
const lift = (account: Account) => request('DELETE', path(account), { token: tenant.admin });

/** Another past for the budget that strange networks share. */
async function turned(account: Account, fields: Record<string, unknown>): Promise<void> {
  const names = Object.keys(fields);
  await table.client.call('UpdateItem', {
    TableName: table.name,
    Key: toAttributes(attemptsKey(tenant.name, account.userName, UNPROVEN_NETWORKS)),
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: toAttributes(
      Object.fromEntries(Object.entries(fields).map(([name, value]) => [`:${name}`, value])),
    ),
  });
}

const minutesAgo = (minutes: number) => Math.floor(Date.now() / 1000) - minutes * 60;
const guess = (account: Account) => fetchToken(`${tenant.name}\\${account.userName}`, 'wrong wrong wrong');
async function guessedAt(): Promise<Account & { user: string }> {
  const account = await newApiAccount(tenant);
  for (let n = 0; n < 5; n += 1) await guess(account);
  return account;
}

describe('an admin', () => {
  it('sees a throttle, and what a lift would leave of it', async () => {
    const account = await newApiAccount(tenant);
    expect((await look(account)).result).toEqual({ isThrottled: false, networks: [] });
    for (let n = 0; n < 5; n += 1) await guess(account);
    const held = await fetchToken(account.user, PASSWORD);
    expect(held).toMatchObject({ status: 429, reason: 'throttled' });
    expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(800);
    const { result } = await look(account);
    expect(result).toEqual({
      isThrottled: true,
      networks: [
        {
          network: null,
          failures: 4,
          guessesToday: 4,
          throttledUntil: expect.stringMatching(/Z$/),
          throttledUntilOnceLifted: expect.stringMatching(/Z$/),
        },
      ],
    });
  });

  it('ends a doubled wait once 15 minutes were quiet', async () => {
    const account = await guessedAt();
    await turned(account, { level: 6, lastAt: minutesAgo(QUIET_MINUTES + 1) });
    expect((await fetchToken(account.user, PASSWORD)).reason).toBe('throttled');
    expect((await look(account)).result).toMatchObject({
      networks: [{ throttledUntil: expect.any(String), throttledUntilOnceLifted: null }],
    });
    expect((await lift(account)).result).toMatchObject({ isThrottled: false });
    expect((await fetchToken(account.user, PASSWORD)).status).toBe(200);
  });

  it('lets no fifth failure reach Cognito before 15 minutes were quiet, and is told from when', async () => {
    const account = await guessedAt();
    await turned(account, { level: 6 });
    const lifted = (await lift(account)).result as { networks: { throttledUntil: string }[] };
    expect(lifted).toMatchObject({ isThrottled: true, networks: [{ failures: 4 }] });
    const wait = Date.parse(lifted.networks[0]?.throttledUntil ?? '') - Date.now();
    expect(wait).toBeGreaterThan((QUIET_MINUTES - 1) * 60_000);
    expect(wait).toBeLessThanOrEqual(QUIET_MINUTES * 60_000);
    expect((await guess(account)).reason).toBe('throttled');
  });

  it('gets nobody more than 100 guesses a day, however often it lifts (S5)', {
    timeout: 90_000,
  }, async () => {
    const account = await guessedAt();
    const start = new Date(Date.UTC(2031, 0, 7, 1));
    await turned(account, { day: start.toISOString().slice(0, 10), today: 0, expiresAt: 2_000_000_000 });
    const who = { tenant: tenant.name, folded: account.userName, network: '198.51.100.1' };
    let passed = 0;
    for (let round = 0; round < 27; round += 1) {
      await turned(account, { lastAt: minutesAgo(QUIET_MINUTES + 1) });
      expect((await lift(account)).status).toBe(200);
      const now = new Date(start.getTime() + round * (QUIET_MINUTES + 1) * 60_000);
      for (let n = 0; n < 5; n += 1) if ((await reserveAttempt(table, who, now)).ok) passed += 1;
    }
    expect(passed).toBe(GUESSES_A_DAY);
  });

  it('is told that the day is used up', async () => {
    const account = await guessedAt();
    await turned(account, { today: GUESSES_A_DAY, lastAt: minutesAgo(QUIET_MINUTES + 1) });
    const midnight = `${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`;
    expect((await lift(account)).result).toMatchObject({
      isThrottled: true,
      networks: [{ guessesToday: GUESSES_A_DAY, throttledUntil: midnight }],
    });
  });
});

describe('a rename', () => {
  const renamed = async ({ id }: Account, userName: string) => {
    const body = { userName };
    expect((await request('PATCH', `/v2/hr/employees/${id}`, { token: tenant.admin, body })).status).toBe(
      200,
    );
    return { id, userName };
  };

  it('gives nobody new guesses, so that Cognito never locks the name by itself (S5)', async () => {
    const account = await guessedAt();
    const other = await renamed(account, `${account.userName}-2`);
    const guesses = (await look(other)).result;
    expect(guesses).toMatchObject({ isThrottled: true, networks: [{ failures: 4, guessesToday: 4 }] });
    expect((await guess(other)).reason).toBe('throttled');
    expect((await look(await renamed(other, account.userName))).result).toEqual(guesses);
  });

  it('takes over what was guessed at the new name before it was one', async () => {
    const account = await newApiAccount(tenant);
    const userName = `${account.userName}-2`;
    for (let n = 0; n < 3; n += 1) await guess({ ...account, userName });
    await guess(account);
    expect((await look(await renamed(account, userName))).result).toMatchObject({
      networks: [{ failures: 3 }],
    });
  });

  it('leaves the account its own network, whatever strangers guessed (S6)', async () => {
    const account = await newApiAccount(tenant);
    expect((await fetchToken(account.user, PASSWORD)).status).toBe(200);
    for (const network of ['198.51.100.1', '198.51.100.2', '198.51.100.3', '198.51.100.4']) {
      await reserveAttempt(table, { tenant: tenant.name, folded: account.userName, network }, new Date());
    }
    for (let n = 0; n < 3; n += 1) await guess(account);
    const other = await renamed(account, `${account.userName}-2`);
    expect((await look(other)).result).toMatchObject({
      networks: [
        { network: '127.0.0.1', failures: 3 },
        { network: null, failures: 4 },
      ],
    });
    expect((await fetchToken(`${tenant.name}\\${other.userName}`, PASSWORD)).status).toBe(200);
  });

  it('is no guess where nobody guessed', async () => {
    const account = await newApiAccount(tenant);
    const other = await renamed(account, `${account.userName}-2`);
    expect((await look(other)).result).toEqual({ isThrottled: false, networks: [] });
    expect((await fetchToken(`${tenant.name}\\${other.userName}`, PASSWORD)).status).toBe(200);
  });
});

describe('who may', () => {
  it('needs the right to modify for a lift', async () => {
    const account = await newApiAccount(tenant);
    // A Service Desk Manager may look at employees, and change none.
    const { access_token: token = '' } = await fetchToken(account.user, PASSWORD);
    expect((await request('GET', path(account), { token })).status).toBe(200);
    expect((await request('DELETE', path(account), { token })).error?.reason).toBe('right_missing');
  });
});
