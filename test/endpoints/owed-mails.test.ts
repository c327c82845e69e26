import type { DynamoDBRecord } from 'aws-lambda';
import { describe, expect, it, test } from 'vitest';
import { maySendLink } from '../../functions/after-commit/may-send-link.ts';
import { retireCredentials } from '../../functions/fan-out/retire-credentials.ts';
import { AwsError } from '../../shared/aws/json-client.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import type { OwedMail } from '../../shared/store/outbox.ts';
import type { ResetItem } from '../../shared/store/resets.ts';
import { eachRecord } from '../../shared/stream.ts';
import { ACME } from '../support/acme.ts';

const NOW = 1_800_000_000;
const HOUR_SECONDS = 3600;

const reset: ResetItem = {
  schema: 1,
  type: 'reset',
  id: 'reset',
  tenant: 'acme',
  requestedBy: 'owner',
  state: 'requested',
  outbox: 'pending',
  requestedAt: NOW - HOUR_SECONDS,
  expiresAt: NOW + 30 * 24 * HOUR_SECONDS,
};
const employee: EmployeeItem = {
  schema: 1,
  type: 'employee',
  tenant: 'acme',
  id: 7,
  userName: 'bot',
  firstName: 'Billing',
  lastName: 'Bridge',
  emailAddress: 'bot@acme.example',
  userType: 'API Employee',
  active: true,
  sso: false,
  roleIds: [],
  tokensValidAfter: 0,
  instructionsState: 'pending',
  createdOn: '2026-01-01T00:00:00.000Z',
  modifiedOn: '2026-01-01T00:00:00.000Z',
  version: 1,
};
const owed: OwedMail = { reset, tenant: ACME, employee, newest: undefined };

describe('whether a link is mailed', () => {
  const { emailAddress: _, ...withoutAddress } = employee;
  const late = { ...reset, requestedAt: NOW - HOUR_SECONDS - 1 };

  test.each<[string, Partial<OwedMail>]>([
    ['for a request of the last hour', {}],
    ['for an old request of an admin', { reset: { ...late, requestedBy: 'admin' } }],
    ['for the set-up of an account', { reset: { ...late, requestedBy: 'setup' } }],
    ['beside an older link', { newest: { ...reset, id: 'older', requestedAt: reset.requestedAt - 1 } }],
    ['beside a link of the same second', { newest: { ...reset, id: 'other' } }],
  ])('yes %s', (_, change) => {
    expect(maySendLink({ ...owed, ...change }, NOW)).toEqual({
      ok: true,
      value: { employee, address: 'bot@acme.example' },
    });
  });

  test.each<[string, Partial<OwedMail>]>([
    ['account_unknown', { employee: undefined }],
    ['account_unknown', { tenant: undefined }],
    ['tenant_suspended', { tenant: { ...ACME, active: false } }],
    ['account_inactive', { employee: { ...employee, active: false } }],
    ['mail_address_missing', { employee: withoutAddress }],
    ['request_too_old', { reset: late }],
    ['link_superseded', { newest: { ...reset, id: 'newer', requestedAt: reset.requestedAt + 1 } }],
  ])('no: %s', (reason, change) => {
    expect(maySendLink({ ...owed, ...change }, NOW)).toEqual({ ok: false, refusal: { reason } });
  });
});

const recordOf = (number: string): DynamoDBRecord => ({ dynamodb: { SequenceNumber: number } });

it('works on after a record that fails, and reports it alone', async () => {
  const done: string[] = [];
  const failed: unknown[] = [];
  const answer = await eachRecord(
    { Records: ['1', '2', '3'].map(recordOf) },
    async ({ dynamodb }) => {
      if (dynamodb?.SequenceNumber === '2') throw new Error('SES is down');
      done.push(dynamodb?.SequenceNumber ?? '');
    },
    (error) => failed.push(error),
  );
  expect(done).toEqual(['1', '3']);
  expect(failed).toHaveLength(1);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
});

describe('retired credentials', () => {
  const image = { type: { S: 'retired-credential' }, cognitoUser: { S: 'acme.7.a0' } };

  function setup(failure?: Error) {
    const calls: [string, unknown][] = [];
    const call = async (operation: string, input: unknown) => {
      calls.push([operation, input]);
      if (failure) throw failure;
    };
    const client = { call } as unknown as Parameters<typeof retireCredentials>[0]['client'];
    return { calls, handler: retireCredentials({ client, poolId: 'pool' }) };
  }
  const user = { UserPoolId: 'pool', Username: 'acme.7.a0' };

  it('are disabled when their record is put', async () => {
    const { calls, handler } = setup();
    await handler({ Records: [{ eventName: 'INSERT', dynamodb: { NewImage: image } }] });
    expect(calls).toEqual([['AdminDisableUser', user]]);
  });

  it('are deleted when it expires', async () => {
    const { calls, handler } = setup();
    await handler({ Records: [{ eventName: 'REMOVE', dynamodb: { OldImage: image } }] });
    expect(calls).toEqual([['AdminDeleteUser', user]]);
  });

  it('are reported when Cognito cannot answer, to be tried again', async () => {
    const { handler } = setup(new Error('throttled'));
    const dynamodb = { SequenceNumber: '9', NewImage: image };
    expect(await handler({ Records: [{ eventName: 'INSERT', dynamodb }] })).toEqual({
      batchItemFailures: [{ itemIdentifier: '9' }],
    });
  });

  it('count as done when their user is gone', async () => {
    const { handler } = setup(new AwsError('UserNotFoundException', 400));
    expect(await handler({ Records: [{ eventName: 'REMOVE', dynamodb: { OldImage: image } }] })).toEqual({
      batchItemFailures: [],
    });
  });
});
