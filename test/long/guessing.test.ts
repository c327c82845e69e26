import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { readInbox, waitForMail } from '../../infra/local/clients.ts';
import { AwsError } from '../../shared/aws/json-client.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import { openUserPool, readClientSecrets, type UserPool } from '../../shared/identity/user-pool.ts';
import { mayIssueToken } from '../../shared/rules/tokens.ts';
import { releaseItems, reserveAttempt, returnReservation } from '../../shared/store/attempts.ts';
import { batchWrite, openTable, type Table } from '../../shared/store/table.ts';
import { type AwsCall, watchCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { fetchToken, newApiAccount, newTenant, PASSWORD, stack, type Tenant } from '../support/world.ts';

let table: Table;
let pool: UserPool;
let tenant: Tenant;
let seen: AwsCall[];
let outage: Error | undefined;
beforeAll(async () => {
  const names = useStackEnvironment();
  table = openTable(names.TABLE_NAME);
  pool = openUserPool({ poolId: names.USER_POOL_ID, apiClientId: names.API_CLIENT_ID });
  await readClientSecrets(pool);
  tenant = await newTenant();
  seen = watchCalls([pool.client], () => {
    if (outage) throw outage;
  });
});
beforeEach(() => {
  outage = undefined;
  seen.length = 0;
});

const attempt = (userName: string, password: string, network: string, now = new Date()) => {
  const origin = { network, sourceAddress: network, userAgent: 'test', correlationId: 'test' };
  const credentials = { company: tenant.name, userName, password };
  return signIn(table, pool, { credentials, action: 'token.issue', origin, now }, mayIssueToken);
};
const askedCognito = () => seen.filter(({ operation }) => operation === 'AdminInitiateAuth').length;

/** What a budget without a conditional write lets through: each reads the count before any has written it. */
async function naiveReservations(count: number): Promise<number> {
  const budget = { failures: 0 };
  const outcomes = await Promise.all(
    Array.from({ length: count }, async () => {
      const { failures } = budget;
      await new Promise((resolve) => setImmediate(resolve));
      if (failures >= 4) return false;
      budget.failures = failures + 1;
      return true;
    }),
  );
  return outcomes.filter(Boolean).length;
}

describe('S5: guesses are stopped before Cognito', () => {
  test.each(['known', 'unknown'])(
    'of 1,000 at once at a %s account at most 4 reach it',
    {
      timeout: 120_000,
    },
    async (kind) => {
      expect(await naiveReservations(1000)).toBe(1000);
      const userName = kind === 'known' ? (await newApiAccount(tenant)).userName : 'nobody-at-all';
      // The set-up signed in from nowhere; every one of these networks is strange.
      const outcomes = await Promise.all(
        Array.from({ length: 1000 }, (_, index) =>
          attempt(userName, `guess number ${index} of many`, `198.18.${index >> 8}.${index & 255}`),
        ),
      );
      expect(askedCognito()).toBeLessThanOrEqual(4);
      expect(askedCognito()).toBeGreaterThan(0);
      const reasons = outcomes.map((outcome) => (outcome.ok ? 'token' : outcome.refusal.reason));
      expect(reasons.filter((reason) => reason === 'throttled').length).toBeGreaterThanOrEqual(996);
      expect(reasons).not.toContain('token');
    },
  );
});

describe('S6: strangers never stop the real integration', () => {
  it('gets its token after 1,000 bad guesses from strange networks', { timeout: 120_000 }, async () => {
    const account = await newApiAccount(tenant);
    expect((await attempt(account.userName, PASSWORD, '203.0.113.1')).ok).toBe(true);
    for (let batch = 0; batch < 10; batch += 1) {
      await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          attempt(account.userName, `guess ${batch} ${index} of many`, `198.19.${batch}.${index}`),
        ),
      );
    }
    expect((await attempt(account.userName, PASSWORD, '203.0.113.1')).ok).toBe(true);
    // From a network that has proven nothing the right password is held off, too.
    expect(await attempt(account.userName, PASSWORD, '203.0.113.2')).toMatchObject({
      refusal: { reason: 'throttled' },
    });
  });

  it('gets its tokens when twenty threads ask at once', async () => {
    const account = await newApiAccount(tenant);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => attempt(account.userName, PASSWORD, '203.0.113.3')),
    );
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(20);
  });
});

describe('the delay', () => {
  const account = () => ({
    tenant: tenant.name,
    folded: randomBytes(8).toString('hex'),
    network: '192.0.2.1',
  });
  const at = (minutes: number) => new Date(Date.UTC(2030, 0, 7, 1) + minutes * 60_000);
  const reserve = (who: ReturnType<typeof account>, minutes: number) =>
    reserveAttempt(table, who, at(minutes));
  const fail4 = async (who: ReturnType<typeof account>, minutes: number) => {
    for (let n = 0; n < 4; n += 1) expect((await reserve(who, minutes)).ok).toBe(true);
  };

  it('doubles from 15 minutes, and says how long', { timeout: 60_000 }, async () => {
    const who = account();
    let minutes = 0;
    for (const delay of [15, 30, 60, 120]) {
      await fail4(who, minutes);
      expect(await reserve(who, minutes + 1)).toEqual({
        ok: false,
        refusal: { reason: 'throttled', retryAfterSeconds: (delay - 1) * 60 },
      });
      minutes += delay;
    }
  });

  it('never lets more than 100 through on a day', { timeout: 60_000 }, async () => {
    const who = account();
    let passed = 0;
    // Three guesses every 16 minutes never exhaust the budget of four: only the day's limit holds them.
    for (let minutes = 0; minutes < 22 * 60; minutes += 16) {
      for (let n = 0; n < 3; n += 1) if ((await reserve(who, minutes)).ok) passed += 1;
    }
    expect(passed).toBe(100);
    expect(await reserve(who, 22 * 60)).toMatchObject({ refusal: { retryAfterSeconds: 60 * 60 } });
    expect((await reserve(who, 24 * 60)).ok).toBe(true);
  });

  it('forgets after 15 quiet minutes', async () => {
    const who = account();
    for (let n = 0; n < 3; n += 1) await reserve(who, 0);
    await fail4(who, 15);
    expect((await reserve(who, 16)).ok).toBe(false);
  });

  it('does not begin at midnight', async () => {
    const who = account();
    await reserve(who, 22 * 60 + 59);
    expect((await reserve(who, 23 * 60)).ok).toBe(true);
  });

  it('ends with a success', async () => {
    const who = account();
    await fail4(who, 0);
    const reserved = await reserve(who, 15);
    if (!reserved.ok) throw new Error('It must be let through');
    const { puts, deletes } = releaseItems(reserved.value, at(15));
    await batchWrite(table, puts, deletes);
    await fail4(who, 15);
  });

  it('does not count what is given back', async () => {
    const who = account();
    for (let n = 0; n < 10; n += 1) {
      const reserved = await reserve(who, 0);
      if (!reserved.ok) throw new Error('It must be let through');
      await returnReservation(table, reserved.value);
    }
    await fail4(who, 0);
  });
});

it('R9: while Cognito is throttled nothing is counted, and the integration works right after', async () => {
  const account = await newApiAccount(tenant);
  outage = new AwsError('TooManyRequestsException', 400, { message: 'Rate exceeded' });
  for (let n = 0; n < 8; n += 1) {
    await expect(attempt(account.userName, PASSWORD, '203.0.113.9')).rejects.toThrow('Rate exceeded');
  }
  outage = undefined;
  expect((await attempt(account.userName, PASSWORD, '203.0.113.9')).ok).toBe(true);
});

describe('the owner', () => {
  it('is mailed once for a burst, without anything to click', async () => {
    const account = await newApiAccount(tenant);
    for (let n = 0; n < 9; n += 1) await fetchToken(account.user, `wrong ${n} wrong wrong`);
    const wanted = { to: account.emailAddress, subject: /failed sign-ins/i };
    const mail = await waitForMail(stack.inboxUrl, wanted);
    expect(mail.text).toContain(account.userName);
    expect(mail.text).not.toContain('://');
    await new Promise((resolve) => setTimeout(resolve, 500));
    const mails = (await readInbox(stack.inboxUrl)).filter(({ to }) => to.includes(account.emailAddress));
    expect(mails.filter(({ subject }) => wanted.subject.test(subject))).toHaveLength(1);
  });

  it('is not mailed for less', async () => {
    const account = await newApiAccount(tenant);
    for (let n = 0; n < 3; n += 1) await fetchToken(account.user, `wrong ${n} wrong wrong`);
    await new Promise((resolve) => setTimeout(resolve, 800));
    const mails = (await readInbox(stack.inboxUrl)).filter(({ to }) => to.includes(account.emailAddress));
    expect(mails.filter(({ subject }) => /failed/i.test(subject))).toEqual([]);
  });
});
