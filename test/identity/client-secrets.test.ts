import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AwsError } from '../../shared/aws/json-client.ts';
import { openUserPool, readClientSecrets, type UserPool } from '../../shared/identity/user-pool.ts';
import { aroundCalls } from '../support/aws-calls.ts';

/** Environments that start together read app clients faster than Cognito answers for one pool. */

const THROTTLED = new AwsError('TooManyRequestsException', 400, { message: 'Rate exceeded' });
const INIT_MILLISECONDS = 10_000;

let pool: UserPool;
/** What Cognito answers to one read after the other; after the last, a secret. */
let refusals: Error[];
let reads: number;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  pool = openUserPool({ poolId: 'eu-west-1_pool', apiClientId: 'api' });
  reads = 0;
  aroundCalls(pool.client, async () => {
    reads += 1;
    const refusal = refusals.shift();
    if (refusal) throw refusal;
    return { UserPoolClient: { ClientSecret: 'secret', RefreshTokenValidity: 30 } };
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

async function read(): Promise<string> {
  const outcome = readClientSecrets(pool).then(
    () => 'read',
    (error: Error) => error.name,
  );
  await vi.advanceTimersByTimeAsync(INIT_MILLISECONDS);
  return outcome;
}

test('a read that is throttled waits for its turn', async () => {
  refusals = [THROTTLED, THROTTLED];
  expect(await read()).toBe('read');
  expect(pool.api.secret).toBe('secret');
  expect(reads).toBe(3);
});

test('but not for longer than init may take', async () => {
  refusals = Array.from({ length: 9 }, () => THROTTLED);
  expect(await read()).toBe('TooManyRequestsException');
  expect(reads).toBe(3);
  expect(pool.api.secret).toBeUndefined();
});

test('what waiting does not mend is not waited for', async () => {
  refusals = [new AwsError('ResourceNotFoundException', 400)];
  expect(await read()).toBe('ResourceNotFoundException');
  expect(reads).toBe(1);
});
