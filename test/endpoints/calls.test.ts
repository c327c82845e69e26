import { beforeAll, expect, it } from 'vitest';
import { signIn } from '../../shared/identity/sign-in.ts';
import { openUserPool, readClientSecrets, type UserPool } from '../../shared/identity/user-pool.ts';
import { mayIssueToken } from '../../shared/rules/tokens.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { aroundCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { newApiAccount, newEmployee, newTenant, PASSWORD, type Tenant } from '../support/world.ts';

type Seen = { command: string; startedAt: number; endedAt: number };

let table: Table;
let pool: UserPool;
let tenant: Tenant;
let account: Awaited<ReturnType<typeof newApiAccount>>;
const seen: Seen[] = [];

function watch(...clients: Parameters<typeof aroundCalls>[0][]) {
  for (const client of clients) {
    aroundCalls(client, async ({ operation: command }, next) => {
      const call = { command, startedAt: performance.now(), endedAt: 0 };
      seen.push(call);
      const result = await next();
      call.endedAt = performance.now();
      return result;
    });
  }
}

beforeAll(async () => {
  const names = useStackEnvironment();
  table = openTable(names.TABLE_NAME);
  pool = openUserPool({ poolId: names.USER_POOL_ID, apiClientId: names.API_CLIENT_ID });
  await readClientSecrets(pool);
  tenant = await newTenant();
  account = await newApiAccount(tenant);
  watch(table.client, pool.client);
});

const origin = { network: '192.0.2.7', sourceAddress: '192.0.2.7', userAgent: 'test', correlationId: 'test' };
const attempt = (userName: string, password: string) => {
  const credentials = { company: tenant.name, userName, password };
  return signIn(table, pool, { credentials, action: 'token.issue', origin, now: new Date() }, mayIssueToken);
};

it('P7, token issuance: one read and one reservation in parallel, one Cognito call, one write', async () => {
  expect((await attempt(account.userName, PASSWORD)).ok).toBe(true); // Makes the network a proven one.
  seen.length = 0;
  expect((await attempt(account.userName, PASSWORD)).ok).toBe(true);
  expect(seen.map(({ command }) => command)).toEqual([
    'BatchGetItem',
    'UpdateItem',
    'AdminInitiateAuth',
    'BatchWriteItem',
  ]);
  const [read, reservation, cognito] = seen;
  expect(reservation?.startedAt).toBeLessThan(read?.endedAt ?? 0);
  expect(cognito?.startedAt).toBeGreaterThanOrEqual(Math.max(read?.endedAt ?? 0, reservation?.endedAt ?? 0));
});

it('S1: the same calls for a wrong password, an unknown user and an account without a password', async () => {
  const passwordless = await newEmployee(tenant);
  const sequences: string[][] = [];
  for (const userName of [account.userName, 'nobody', passwordless.userName]) {
    seen.length = 0;
    // A network from which none of them ever signed in.
    const strange = { ...origin, network: '198.51.100.9' };
    const credentials = { company: tenant.name, userName, password: 'wrong wrong wrong' };
    await signIn(
      table,
      pool,
      { credentials, action: 'token.issue', origin: strange, now: new Date() },
      mayIssueToken,
    );
    sequences.push(seen.map(({ command }) => command).sort());
  }
  expect(new Set(sequences.map((sequence) => sequence.join())).size).toBe(1);
  expect(sequences[0]).toContain('AdminInitiateAuth');
});

it('S1: the same calls for known and unknown users once they are throttled: no password check, one count', async () => {
  const sequences: string[][] = [];
  for (const userName of [account.userName, `nobody-${Date.now()}`]) {
    const strange = { ...origin, network: '198.51.100.10' };
    const credentials = { company: tenant.name, userName, password: 'wrong wrong wrong' };
    const guess = { credentials, action: 'token.issue', origin: strange, now: new Date() } as const;
    for (let count = 0; count < 5; count += 1) await signIn(table, pool, guess, mayIssueToken);
    seen.length = 0;
    expect(await signIn(table, pool, guess, mayIssueToken)).toMatchObject({
      refusal: { reason: 'throttled' },
    });
    sequences.push(seen.map(({ command }) => command).sort());
  }
  expect(sequences[0]).toEqual(sequences[1]);
  // Once for the read; the rest are tries for a slot that may come back this moment, and the one count.
  expect(sequences[0]?.filter((command) => command !== 'UpdateItem')).toEqual(['BatchGetItem']);
});

it('a watch that counts nothing would be noticed', async () => {
  seen.length = 0;
  await table.client.call('BatchGetItem', {
    RequestItems: { [table.name]: { Keys: [{ PK: { S: 'x' }, SK: { S: 'y' } }] } },
  });
  expect(seen).toHaveLength(1);
});
