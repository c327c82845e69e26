import { setTimeout as sleep } from 'node:timers/promises';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { forgetNetworks } from '../../functions/after-commit/forget-networks.ts';
import { foldName } from '../../shared/rules/names.ts';
import { releaseItems, reserveAttempt } from '../../shared/store/attempts.ts';
import { attemptsKey, loginKey, provenNetwork, UNPROVEN_NETWORKS } from '../../shared/store/keys.ts';
import { batchWrite, openTable, type Table, toAttributes } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { newEmployee, newTenant, operatorRequest, request, type Tenant } from '../support/world.ts';

const PATIENCE_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 100;
const PROVEN = Array.from({ length: 30 }, (_, at) => `198.51.100.${at}`);
/** Each folds to six characters of three bytes: no sort key holds 64 of them. */
const OVERLONG = '\u3316'.repeat(64);

let table: Table;
beforeAll(() => {
  table = openTable(useStackEnvironment().TABLE_NAME);
});

/** Signed in from thirty networks, and guessed at from a strange one. */
async function knownName(tenant: string, userName: string) {
  const folded = foldName(userName);
  const now = new Date();
  for (const network of PROVEN) {
    const account = { tenant, folded, network };
    const { puts } = releaseItems({ ...account, proven: false, exhausts: false }, now);
    await batchWrite(table, puts);
  }
  expect((await reserveAttempt(table, { tenant, folded, network: '203.0.113.1' }, now)).ok).toBe(true);
}

async function networksOf(tenant: string, userName: string): Promise<string[]> {
  const { PK } = attemptsKey(tenant, foldName(userName), '');
  const { Items = [] } = await table.client.call('Query', {
    TableName: table.name,
    ConsistentRead: true,
    KeyConditionExpression: 'PK = :account',
    ExpressionAttributeValues: toAttributes({ ':account': PK }),
  });
  return Items.map((item) => String(unmarshall(item).SK));
}

async function expectForgotten(tenant: string, userName: string) {
  const until = Date.now() + PATIENCE_MILLISECONDS;
  while ((await networksOf(tenant, userName)).length > 1 && Date.now() < until)
    await sleep(POLL_MILLISECONDS);
  // Who deletes an account and makes it again guesses no more than before (S5).
  expect(await networksOf(tenant, userName)).toEqual([UNPROVEN_NETWORKS]);
}

describe('the networks that an account proved', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
  });
  const path = (id: number) => `/v2/hr/employees/${id}`;

  test.each([
    ['a deletion', {}],
    ['a deletion of a name too long for a key', { userName: OVERLONG }],
  ])('are forgotten after %s', async (_, fields) => {
    const { id, userName } = await newEmployee(tenant, fields);
    await knownName(tenant.name, userName);
    expect((await request('DELETE', path(id), { token: tenant.admin })).status).toBe(200);
    await expectForgotten(tenant.name, userName);
  });

  it('are forgotten after a rename, and stay where only letter case changed', async () => {
    const { id, userName } = await newEmployee(tenant);
    await knownName(tenant.name, userName);
    const rename = (to: string) =>
      request('PATCH', path(id), { token: tenant.admin, body: { userName: to } });
    expect((await rename(userName.toUpperCase())).status).toBe(200);
    expect((await rename(`${userName}-2`)).status).toBe(200);
    await expectForgotten(tenant.name, userName);
  });

  it('are forgotten with their company', async () => {
    const other = await newTenant();
    await knownName(other.name, 'alice');
    const platform = `/v2/platform/tenants/${other.name}`;
    await operatorRequest('POST', `${platform}/suspend`);
    expect((await operatorRequest('DELETE', `${platform}?Confirm=${other.name}`)).status).toBe(200);
    await expectForgotten(other.name, 'alice');
  });

  it('stay where they were proved since: records of the stream come late, and twice', async () => {
    const { userName } = await newEmployee(tenant);
    await knownName(tenant.name, userName);
    const image = { type: 'login', tenant: tenant.name, ...loginKey(tenant.name, foldName(userName)) };
    const removed = (secondsAgo: number) => ({
      eventName: 'REMOVE' as const,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(Date.now() / 1000) - secondsAgo,
        OldImage: toAttributes(image) as never,
        SequenceNumber: '1',
      },
    });
    const forget = forgetNetworks({ table });
    expect(await forget({ Records: [removed(60)] })).toEqual({ batchItemFailures: [] });
    expect(await networksOf(tenant.name, userName)).toContain(provenNetwork('198.51.100.7'));
    expect(await forget({ Records: [removed(0)] })).toEqual({ batchItemFailures: [] });
    expect(await networksOf(tenant.name, userName)).toEqual([UNPROVEN_NETWORKS]);
  });
});
