import {
  AdminDisableUserCommand,
  AdminInitiateAuthCommand,
  type AuthFlowType,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { afterFailure, isLocked } from '../../../infra/local/user-pool/lockout.ts';
import { PASSWORD, refusal, setup, type TestPool } from './setup.ts';

const INCORRECT = 'NotAuthorizedException: Incorrect username or password.';
const EXCEEDED = 'NotAuthorizedException: Password attempts exceeded';
const MINUTE_MS = 60_000;

let pool: TestPool;
beforeAll(async () => {
  pool = await setup();
});
afterAll(() => pool.stop());

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html
describe('AdminInitiateAuth', () => {
  beforeAll(() => pool.addUser('ann'));

  it('answers a right password with tokens', async () => {
    const { AuthenticationResult, ChallengeName } = await pool.signIn('ann');
    expect(ChallengeName).toBeUndefined();
    expect(AuthenticationResult).toMatchObject({ TokenType: 'Bearer', ExpiresIn: 300 });
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
  test.each(['ann', 'no-such-user'])(
    'answers a wrong password for %s in the same words',
    async (username) => {
      expect(await refusal(pool.signIn(username, 'wrong password'))).toBe(INCORRECT);
    },
  );

  test.each([' leading', 'trailing ', 'p'.repeat(257)])(
    'judges no password that it would not store: %j',
    async (password) => {
      expect(await refusal(pool.signIn('ann', password))).toMatch(
        /^InvalidParameterException: 1 validation error/,
      );
    },
  );

  it('tells a disabled user who knows the password, and nobody else', async () => {
    await pool.addUser('disabled');
    await pool.sdk.send(new AdminDisableUserCommand(pool.of('disabled')));
    expect(await refusal(pool.signIn('disabled'))).toBe('NotAuthorizedException: User is disabled.');
    expect(await refusal(pool.signIn('disabled', 'wrong password'))).toBe(INCORRECT);
  });

  it('distinguishes user names by case, as the pool is set', async () => {
    expect(await refusal(pool.signIn('Ann'))).toBe(INCORRECT);
  });

  const initiate = (AuthFlow: AuthFlowType, AuthParameters: Record<string, string>, ClientId?: string) =>
    refusal(
      pool.sdk.send(
        new AdminInitiateAuthCommand({
          UserPoolId: pool.pool.poolId,
          ClientId: ClientId ?? pool.pool.clients.gateway.id,
          AuthFlow,
          AuthParameters,
        }),
      ),
    );

  // https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
  it('demands the secret hash', async () => {
    expect(await initiate('ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'ann', PASSWORD })).toBe(
      `NotAuthorizedException: Client ${pool.pool.clients.gateway.id} is configured with secret but SECRET_HASH was not received`,
    );
  });

  it('checks the secret hash, which belongs to one user name and one client', async () => {
    const refused = `NotAuthorizedException: Unable to verify secret hash for client ${pool.pool.clients.gateway.id}`;
    for (const SECRET_HASH of [pool.secretHash('bob'), pool.secretHash('ann', 'api'), 'nonsense']) {
      expect(await initiate('ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'ann', PASSWORD, SECRET_HASH })).toBe(
        refused,
      );
    }
  });

  it('names a missing parameter', async () => {
    expect(await initiate('ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'ann' })).toBe(
      'InvalidParameterException: Missing required parameter PASSWORD',
    );
  });

  it('refuses an unknown client', async () => {
    expect(await initiate('ADMIN_USER_PASSWORD_AUTH', { USERNAME: 'ann', PASSWORD }, 'nosuchclient')).toBe(
      'ResourceNotFoundException: User pool client nosuchclient does not exist.',
    );
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
  test.each(['REFRESH_TOKEN_AUTH', 'USER_SRP_AUTH', 'CUSTOM_AUTH'] as const)(
    'refuses %s, which the clients do not allow',
    async (flow) => {
      expect(
        await initiate(flow, { USERNAME: 'ann', REFRESH_TOKEN: 'x', SECRET_HASH: pool.secretHash('ann') }),
      ).toBe('InvalidParameterException: Auth flow not enabled for this client');
    },
  );
});

// https://docs.aws.amazon.com/cognito/latest/developerguide/how-to-create-user-accounts.html
describe('a temporary password', () => {
  it('leads to NEW_PASSWORD_REQUIRED, and the new password to tokens', async () => {
    await pool.createUser('temporary');
    await pool.setPassword('temporary', PASSWORD, false);
    const challenge = await pool.signIn('temporary');
    expect(challenge.ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    expect(challenge.AuthenticationResult).toBeUndefined();

    const { AuthenticationResult } = await pool.respond(
      'temporary',
      'NEW_PASSWORD_REQUIRED',
      challenge.Session,
      {
        NEW_PASSWORD: 'a new password',
      },
    );
    expect(AuthenticationResult?.AccessToken).toBeDefined();
    await expect(pool.signIn('temporary', 'a new password')).resolves.toMatchObject({
      AuthenticationResult: {},
    });
    expect(await refusal(pool.signIn('temporary', PASSWORD))).toBe(INCORRECT);
  });

  it('expires after the days the policy gives it', async () => {
    await pool.createUser('stale');
    await pool.setPassword('stale', PASSWORD, false);
    pool.clock.ms += 24 * 60 * MINUTE_MS;
    expect(await refusal(pool.signIn('stale'))).toBe(
      'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.',
    );
  });
});

// https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flow-things-to-know.html
describe('lockout', () => {
  const fail = (username: string) => refusal(pool.signIn(username, 'wrong password'));
  const failTimes = async (username: string, times: number) => {
    for (let n = 0; n < times; n++) expect(await fail(username)).toBe(INCORRECT);
  };

  test.each(['locked', 'locked-unknown'])('locks %s for a second after five failures', async (username) => {
    if (username === 'locked') await pool.addUser(username);
    await failTimes(username, 5);
    expect(await fail(username)).toBe(EXCEEDED);
    pool.clock.ms += 1000;
    expect(await fail(username)).toBe(INCORRECT);
  });

  it('refuses the right password during the lock, and takes it afterwards', async () => {
    await pool.addUser('hasty');
    await failTimes('hasty', 5);
    expect(await refusal(pool.signIn('hasty'))).toBe(EXCEEDED);
    pool.clock.ms += 1000;
    await expect(pool.signIn('hasty')).resolves.toBeDefined();
  });

  it('doubles with each further failure; attempts during the lock do not count', async () => {
    await failTimes('doubling', 5);
    pool.clock.ms += 1000;
    await failTimes('doubling', 1);
    pool.clock.ms += 1999;
    expect(await fail('doubling')).toBe(EXCEEDED);
    pool.clock.ms += 1;
    await failTimes('doubling', 1);
    pool.clock.ms += 3999;
    expect(await fail('doubling')).toBe(EXCEEDED);
  });

  it('never locks longer than fifteen minutes', () => {
    const attempts = { failures: 40, lockedUntilMs: 0, lastAttemptMs: 0 };
    const after = afterFailure(attempts, 1000);
    expect(isLocked(after, 1000 + 15 * MINUTE_MS - 1)).toBe(true);
    expect(isLocked(after, 1000 + 15 * MINUTE_MS)).toBe(false);
  });

  it('starts afresh after a success', async () => {
    await pool.addUser('careless');
    await failTimes('careless', 4);
    await pool.signIn('careless');
    await failTimes('careless', 4);
    await expect(pool.signIn('careless')).resolves.toBeDefined();
  });

  it('starts afresh after fifteen quiet minutes, not before', async () => {
    await failTimes('patient', 4);
    pool.clock.ms += 15 * MINUTE_MS - 1;
    await failTimes('patient', 1);
    expect(await fail('patient')).toBe(EXCEEDED);
    pool.clock.ms += 15 * MINUTE_MS;
    await failTimes('patient', 5);
  });

  it('lets five guesses of a burst through, and of the rest none, right or wrong', async () => {
    await pool.addUser('burst');
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => fail('burst')));
    expect(outcomes.filter((outcome) => outcome === INCORRECT)).toHaveLength(5);
    expect(outcomes.filter((outcome) => outcome === EXCEEDED)).toHaveLength(15);
  });
});

describe('under load', () => {
  it('answers 200 sign-ins at once', { timeout: 20_000 }, async () => {
    await pool.addUser('busy');
    const replies = await Promise.all(Array.from({ length: 200 }, () => pool.signIn('busy')));
    const tokens = new Set(replies.map((reply) => reply.AuthenticationResult?.RefreshToken));
    expect(tokens.size).toBe(200);
  });
});
