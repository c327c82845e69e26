import { beforeAll, describe, expect, it, test } from 'vitest';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import {
  checkPassword,
  openUserPool,
  readClientSecrets,
  type UserPool,
} from '../../shared/identity/user-pool.ts';
import { mayIssueToken } from '../../shared/rules/tokens.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { type AwsCall, watchCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { newApiAccount, newEmployee, newTenant, PASSWORD, request, type Tenant } from '../support/world.ts';

let table: Table;
let pool: UserPool;
let tenant: Tenant;
let seen: AwsCall[];
beforeAll(async () => {
  const names = useStackEnvironment();
  table = openTable(names.TABLE_NAME);
  pool = openUserPool({ poolId: names.USER_POOL_ID, apiClientId: names.API_CLIENT_ID });
  await readClientSecrets(pool);
  tenant = await newTenant();
  seen = watchCalls([table.client, pool.client]);
});

/** What a look from outside would show: which calls, on how many items, with which parameters of their own. */
const shape = ({ operation, input }: AwsCall) => {
  const requests = Object.values((input.RequestItems ?? {}) as Record<string, unknown>).map((items) =>
    Array.isArray(items) ? items.length : ((items as { Keys: unknown[] }).Keys ?? []).length,
  );
  return [operation, Object.keys(input).sort().join(), ...requests].join(' ');
};

async function attempt(userName: string, password: string, network: string) {
  const origin = { network, sourceAddress: network, userAgent: 'test', correlationId: 'test' };
  const credentials = { company: tenant.name, userName, password };
  seen.length = 0;
  const outcome = await signIn(
    table,
    pool,
    { credentials, action: 'token.issue', refreshable: true, origin, now: new Date() },
    mayIssueToken,
  );
  return { outcome, calls: seen.map(shape) };
}

/** Locked at Cognito itself, by failures that came another way. */
async function lockedAtCognito(): Promise<string> {
  const account = await newApiAccount(tenant);
  const employee = await readEmployee(table, tenant.name, account.id);
  const user = cognitoUserName({
    tenant: tenant.name,
    employeeId: account.id,
    generation: employee?.generation ?? '',
  });
  for (let n = 0; n < 8; n += 1) await checkPassword(pool, 'api', user, `wrong ${n} wrong wrong`);
  expect((await checkPassword(pool, 'api', user, PASSWORD)).outcome).toBe('wrong');
  return account.userName;
}

async function inactive(): Promise<string> {
  const account = await newApiAccount(tenant);
  await request('PATCH', `/v2/hr/employees/${account.id}`, {
    token: tenant.admin,
    body: { isActive: false },
  });
  return account.userName;
}

describe('S1: sign-in', () => {
  it('answers and calls the same for a wrong password, an unknown user, no password, a lock, an inactive account', async () => {
    const userNames = [
      (await newApiAccount(tenant)).userName,
      'nobody-at-all',
      (await newEmployee(tenant)).userName,
      (await newEmployee(tenant, { userType: 'Employee' })).userName,
      await lockedAtCognito(),
      await inactive(),
    ];
    // The budget begun, under way, running out (which mails the owner), and exhausted.
    for (let round = 0; round < 5; round += 1) {
      const network = `198.51.100.${round}`;
      // Until no slot can still be under way, so that no try waits for one.
      if (round === 4) await new Promise((resolve) => setTimeout(resolve, 3500));
      const seenOf = [];
      for (const userName of userNames) {
        const seenNow = JSON.stringify(await attempt(userName, 'wrong wrong wrong', network));
        // The accounts are tried one after another, and the clock goes on.
        seenOf.push(seenNow.replace(/"retryAfterSeconds":\d+/, ''));
      }
      expect(new Set(seenOf), `round ${round}`).toHaveLength(1);
      expect(seenOf[0]).toContain(round < 4 ? 'credentials_wrong' : 'throttled');
      expect(seenOf[0]?.includes('AdminInitiateAuth')).toBe(round < 4);
    }
  });

  test.each([
    ['longer than Cognito stores', 'p'.repeat(257)],
    ['with white space before it', ` ${PASSWORD}`],
    ['with white space after it', `${PASSWORD} `],
    ['of one character', 'p'],
    ['of two lines', 'wrong wrong\u2028wrong wrong'],
  ])('answers and calls the same for a password %s', async (_, password) => {
    const seen = [];
    for (const typed of [password, 'wrong wrong wrong']) {
      const { userName } = await newApiAccount(tenant);
      seen.push(await attempt(userName, typed, '198.51.100.6'));
    }
    expect(seen[0]?.outcome).toMatchObject({ refusal: { reason: 'credentials_wrong' } });
    expect(seen[0]).toEqual(seen[1]);
  });

  it('would notice a call that one account has more than another', async () => {
    const good = await newApiAccount(tenant);
    const wrong = await attempt(good.userName, 'wrong wrong wrong', '198.51.100.4');
    const right = await attempt(good.userName, PASSWORD, '198.51.100.4');
    expect(right.calls).not.toEqual(wrong.calls);
  });

  test('reasons are told only after the right password', async () => {
    const userName = await inactive();
    expect((await attempt(userName, 'wrong wrong wrong', '198.51.100.5')).outcome).toMatchObject({
      refusal: { reason: 'credentials_wrong' },
    });
    expect((await attempt(userName, PASSWORD, '198.51.100.5')).outcome).toMatchObject({
      refusal: { reason: 'account_inactive' },
    });
  });
});
