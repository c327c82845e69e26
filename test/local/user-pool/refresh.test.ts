import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminUserGlobalSignOutCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { userPoolSettings } from '../../../infra/user-pool-settings.ts';
import { claims, refusal, setup, type TestPool } from './setup.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const REUSED = 'RefreshTokenReuseException: Refresh token has been invalidated by rotation';
const REVOKED = 'NotAuthorizedException: Refresh Token has been revoked';

let pool: TestPool;
beforeAll(async () => {
  pool = await setup();
  await pool.addUser('ann');
});
afterAll(() => pool.stop());

const revoke = (target: TestPool, Token: string | undefined, client: 'api' | 'gateway' = 'gateway') =>
  target.sdk.send(
    new RevokeTokenCommand({
      Token,
      ClientId: target.pool.clients[client].id,
      ClientSecret: target.pool.clients[client].secret,
    }),
  );

// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
describe('GetTokensFromRefreshToken', () => {
  it('gives new tokens of the same user, as if of another sign-in: that they keep its claims AWS does not say', async () => {
    const first = await pool.tokens('ann');
    pool.clock.ms += 10 * 60_000;
    const second = await pool.refresh(first.RefreshToken);
    const [before, after] = [claims(first.AccessToken), claims(second.AccessToken)];
    expect(after).toMatchObject({ auth_time: Number(before.auth_time) + 600, sub: before.sub });
    expect(after.origin_jti).not.toBe(before.origin_jti);
    expect(after.jti).not.toBe(before.jti);
    expect(Number(after.iat)).toBe(Number(before.iat) + 600);
    expect(second.RefreshToken).not.toBe(first.RefreshToken);
  });

  it('takes the rotated token again within the grace period, and refuses it after', async () => {
    const { RefreshToken } = await pool.tokens('ann');
    await pool.refresh(RefreshToken);
    pool.clock.ms += 59_999;
    await expect(pool.refresh(RefreshToken)).resolves.toBeDefined();
    pool.clock.ms += 1;
    expect(await refusal(pool.refresh(RefreshToken))).toBe(REUSED);
  });

  it('leaves the successor of a reused token alone', async () => {
    const first = await pool.tokens('ann');
    const second = await pool.refresh(first.RefreshToken);
    pool.clock.ms += 60_000;
    expect(await refusal(pool.refresh(first.RefreshToken))).toBe(REUSED);
    await expect(pool.refresh(second.RefreshToken)).resolves.toBeDefined();
  });

  it('lets one of two uses at once win when there is no grace period', async () => {
    const strict = {
      ...userPoolSettings.clients.gateway,
      refreshTokenRotation: { feature: 'ENABLED', retryGracePeriodSeconds: 0 },
    } as const;
    const other = await setup({
      settings: { ...userPoolSettings, clients: { ...userPoolSettings.clients, gateway: strict } },
    });
    await other.addUser('ann');
    const { RefreshToken } = await other.tokens('ann');
    // Both have passed the first look at the token before either rotates it.
    const both = Promise.withResolvers<void>();
    let arrived = 0;
    other.trigger.run = async (event) => {
      arrived += 1;
      if (arrived === 2) both.resolve();
      await both.promise;
      return event;
    };
    const outcomes = await Promise.allSettled([other.refresh(RefreshToken), other.refresh(RefreshToken)]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
    await other.stop();
  });

  it('gives the new token the rest of the old one’s time, not a new span', async () => {
    const first = await pool.tokens('ann');
    pool.clock.ms += DAY_MS - 60_000;
    const second = await pool.refresh(first.RefreshToken);
    pool.clock.ms += 60_000;
    expect(await refusal(pool.refresh(second.RefreshToken))).toBe(
      'NotAuthorizedException: Refresh Token has expired',
    );
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html
  it('demands the client secret', async () => {
    const { RefreshToken } = await pool.tokens('ann');
    const ClientId = pool.pool.clients.gateway.id;
    const call = (ClientSecret?: string) =>
      refusal(pool.sdk.send(new GetTokensFromRefreshTokenCommand({ RefreshToken, ClientId, ClientSecret })));
    expect(await call()).toMatch(
      /^NotAuthorizedException: Client \w+ is configured for secret but secret was not/,
    );
    expect(await call(pool.pool.clients.api.secret)).toMatch(
      /^NotAuthorizedException: Client secret does not match/,
    );
  });

  it('refuses a token of the other client, and what is no token', async () => {
    const { RefreshToken } = await pool.tokens('ann');
    const invalid = 'NotAuthorizedException: Invalid Refresh Token.';
    expect(await refusal(pool.refresh(RefreshToken, 'api'))).toBe(invalid);
    expect(await refusal(pool.refresh('nonsense'))).toBe(invalid);
  });

  it('refuses a disabled user, and a deleted one', async () => {
    await pool.addUser('leaving');
    const { RefreshToken } = await pool.tokens('leaving');
    await pool.sdk.send(new AdminDisableUserCommand(pool.of('leaving')));
    expect(await refusal(pool.refresh(RefreshToken))).toBe('NotAuthorizedException: User is disabled.');
    await pool.sdk.send(new AdminDeleteUserCommand(pool.of('leaving')));
    expect(await refusal(pool.refresh(RefreshToken))).toBe(REVOKED);
    await pool.addUser('leaving');
    expect(await refusal(pool.refresh(RefreshToken))).toBe(REVOKED);
  });

  it('does not rotate when the trigger fails', async () => {
    const { RefreshToken } = await pool.tokens('ann');
    const { run } = pool.trigger;
    pool.trigger.run = () => {
      throw new Error('no');
    };
    expect(await refusal(pool.refresh(RefreshToken))).toMatch(/^UserLambdaValidationException/);
    pool.trigger.run = run;
    pool.clock.ms += 120_000;
    await expect(pool.refresh(RefreshToken)).resolves.toBeDefined();
  });
});

describe('revocation', () => {
  const whoAmI = (AccessToken: string | undefined) => pool.sdk.send(new GetUserCommand({ AccessToken }));

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html
  it('by RevokeToken ends this family, access tokens included, and no other', async () => {
    const [mine, other] = [await pool.tokens('ann'), await pool.tokens('ann')];
    const rotated = await pool.refresh(mine.RefreshToken);
    await revoke(pool, rotated.RefreshToken);
    expect(await refusal(pool.refresh(mine.RefreshToken))).toBe(REVOKED);
    expect(await refusal(pool.refresh(rotated.RefreshToken))).toBe(REVOKED);
    for (const token of [mine.AccessToken, rotated.AccessToken]) {
      expect(await refusal(whoAmI(token))).toBe('NotAuthorizedException: Access Token has been revoked');
    }
    await expect(whoAmI(other.AccessToken)).resolves.toMatchObject({ Username: 'ann' });
    await expect(revoke(pool, rotated.RefreshToken)).resolves.toBeDefined();
  });

  it('by RevokeToken takes refresh tokens only, from the client they were issued to', async () => {
    const { AccessToken, RefreshToken } = await pool.tokens('ann');
    expect(await refusal(revoke(pool, AccessToken))).toBe(
      'UnsupportedTokenTypeException: Unsupported token type',
    );
    expect(await refusal(revoke(pool, RefreshToken, 'api'))).toMatch(/^NotAuthorizedException/);
    await expect(pool.refresh(RefreshToken)).resolves.toBeDefined();
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminUserGlobalSignOut.html
  it('by AdminUserGlobalSignOut ends all families of the user, not those to come', async () => {
    await pool.addUser('signed-out');
    const families = [await pool.tokens('signed-out'), await pool.tokens('signed-out', 'api')] as const;
    await pool.sdk.send(new AdminUserGlobalSignOutCommand(pool.of('signed-out')));
    expect(await refusal(pool.refresh(families[0].RefreshToken))).toBe(REVOKED);
    expect(await refusal(pool.refresh(families[1].RefreshToken, 'api'))).toBe(REVOKED);
    expect(await refusal(whoAmI(families[0].AccessToken))).toMatch(/has been revoked/);
    const again = await pool.tokens('signed-out');
    await expect(whoAmI(again.AccessToken)).resolves.toBeDefined();
  });

  it('catches a sign-in whose trigger is still running', async () => {
    await pool.addUser('racing');
    const { run } = pool.trigger;
    pool.trigger.run = async (event) => {
      await pool.sdk.send(new AdminUserGlobalSignOutCommand(pool.of('racing')));
      return event;
    };
    expect(await refusal(pool.tokens('racing'))).toMatch(/^NotAuthorizedException/);
    pool.trigger.run = run;
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableUser.html
  it('by AdminDisableUser voids the access tokens for good', async () => {
    await pool.addUser('suspended');
    const { AccessToken } = await pool.tokens('suspended');
    await pool.sdk.send(new AdminDisableUserCommand(pool.of('suspended')));
    await pool.sdk.send(new AdminEnableUserCommand(pool.of('suspended')));
    expect(await refusal(whoAmI(AccessToken))).toBe('NotAuthorizedException: Access Token has been revoked');
  });
});
