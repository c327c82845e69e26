import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { claims, type PreTokenEvent, REGION, refusal, setup, type TestPool } from './setup.ts';

let pool: TestPool;
beforeAll(async () => {
  pool = await setup();
  await pool.addUser('acme.7.x1');
});
beforeEach(() => {
  pool.trigger.run = (event) => event;
});
afterAll(() => pool.stop());

const tokens = (client: 'api' | 'gateway' = 'gateway') => pool.tokens('acme.7.x1', client);
const respondWith = (claimsAndScopeOverrideDetails: unknown) => {
  pool.trigger.run = (event) => ({ ...event, response: { claimsAndScopeOverrideDetails } });
};

describe('the pool', () => {
  it('has ids and an issuer of AWS shape', () => {
    expect(pool.pool.poolId).toMatch(/^eu-central-1_[A-Za-z0-9]{9}$/);
    expect(pool.pool.issuer).toBe(`https://cognito-idp.${REGION}.amazonaws.com/${pool.pool.poolId}`);
    expect(pool.pool.clients.api.id).toMatch(/^[a-z0-9]{26}$/);
    expect(pool.pool.clients.api.secret).toMatch(/^[a-z0-9]{51}$/);
    expect(pool.pool.clients.api.id).not.toBe(pool.pool.clients.gateway.id);
  });
});

// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
describe('tokens', () => {
  it('of the access kind carry what Cognito puts there', async () => {
    const now = Math.floor(pool.clock.ms / 1000);
    expect(claims((await tokens('api')).AccessToken)).toEqual({
      sub: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iss: pool.pool.issuer,
      client_id: pool.pool.clients.api.id,
      origin_jti: expect.any(String),
      event_id: expect.any(String),
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      auth_time: now,
      iat: now,
      exp: now + 60 * 60,
      jti: expect.any(String),
      username: 'acme.7.x1',
    });
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
  it('of the ID kind name the client as audience, and live as long as the client says', async () => {
    const now = Math.floor(pool.clock.ms / 1000);
    expect(claims((await tokens('api')).IdToken)).toMatchObject({
      aud: pool.pool.clients.api.id,
      'cognito:username': 'acme.7.x1',
      token_use: 'id',
      exp: now + 5 * 60,
    });
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
  test.each(['access', 'id'] as const)(
    'of the %s kind pass AWS’s own verifier with the published keys',
    async (use) => {
      const real = await setup({ now: () => new Date() });
      await real.addUser('verified');
      const verifier = CognitoJwtVerifier.create({
        userPoolId: real.pool.poolId,
        clientId: real.pool.clients.gateway.id,
        tokenUse: use,
      });
      const keySet = await fetch(real.pool.jwksUri);
      verifier.cacheJwks((await keySet.json()) as Parameters<typeof verifier.cacheJwks>[0]);
      const result = await real.tokens('verified');
      const token = use === 'access' ? result.AccessToken : result.IdToken;
      await expect(verifier.verify(token ?? '')).resolves.toMatchObject({ token_use: use });
      await real.stop();
    },
  );

  it('of the refresh kind are opaque and of Cognito’s length', async () => {
    const { RefreshToken = '' } = await tokens();
    expect(RefreshToken.split('.')).toHaveLength(5);
    expect(RefreshToken.length).toBeGreaterThan(1500);
  });
});

// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
describe('the pre token generation trigger', () => {
  it('gets the V2_0 event', async () => {
    const seen: PreTokenEvent[] = [];
    pool.trigger.run = (event) => {
      seen.push(event);
      return event;
    };
    const { AccessToken, RefreshToken } = await tokens('api');
    await pool.refresh(RefreshToken, 'api');
    expect(seen[0]).toEqual({
      version: '2',
      triggerSource: 'TokenGeneration_Authentication',
      region: REGION,
      userPoolId: pool.pool.poolId,
      userName: 'acme.7.x1',
      callerContext: { awsSdkVersion: expect.any(String), clientId: pool.pool.clients.api.id },
      request: {
        userAttributes: { sub: claims(AccessToken).sub, 'cognito:user_status': 'CONFIRMED' },
        groupConfiguration: { groupsToOverride: [], iamRolesToOverride: [], preferredRole: null },
        scopes: ['aws.cognito.signin.user.admin'],
      },
      response: { claimsAndScopeOverrideDetails: null },
    });
    expect(seen[1]?.triggerSource).toBe('TokenGeneration_RefreshTokens');
  });

  it('adds and suppresses claims and scopes of the access token', async () => {
    respondWith({
      accessTokenGeneration: {
        claimsToAddOrOverride: { tenant: 'acme', employee: 7 },
        scopesToAdd: ['psa'],
        scopesToSuppress: ['aws.cognito.signin.user.admin'],
      },
    });
    expect(claims((await tokens()).AccessToken)).toMatchObject({ tenant: 'acme', employee: 7, scope: 'psa' });
  });

  it('leaves no scope when the only one is suppressed', async () => {
    respondWith({ accessTokenGeneration: { scopesToSuppress: ['aws.cognito.signin.user.admin'] } });
    expect(claims((await tokens()).AccessToken)).not.toHaveProperty('scope');
  });

  it('changes the ID token apart from the access token', async () => {
    respondWith({
      idTokenGeneration: { claimsToAddOrOverride: { tenant: 'acme', gone: 1 }, claimsToSuppress: ['gone'] },
    });
    const result = await tokens();
    expect(claims(result.IdToken)).toMatchObject({ tenant: 'acme' });
    expect(claims(result.IdToken)).not.toHaveProperty('gone');
    expect(claims(result.AccessToken)).not.toHaveProperty('tenant');
  });

  it('cannot touch reserved claims, nor add scopes of Cognito’s own', async () => {
    const reserved = [
      'sub',
      'iss',
      'exp',
      'iat',
      'auth_time',
      'jti',
      'origin_jti',
      'token_use',
      'client_id',
      'username',
    ];
    const before = claims((await tokens()).AccessToken);
    respondWith({
      accessTokenGeneration: {
        claimsToAddOrOverride: Object.fromEntries(
          [...reserved, 'aud', 'cognito:x'].map((claim) => [claim, 'forged']),
        ),
        claimsToSuppress: reserved,
        scopesToAdd: ['aws.cognito.other', 'two words'],
      },
    });
    const after = claims((await tokens()).AccessToken);
    expect(after).toEqual({
      ...before,
      jti: expect.any(String),
      origin_jti: expect.any(String),
      event_id: expect.any(String),
    });
    expect(Object.values(after)).not.toContain('forged');
  });

  it('refuses the sign-in when it throws', async () => {
    pool.trigger.run = () => {
      throw new Error('tenant unknown');
    };
    expect(await refusal(tokens())).toBe(
      'UserLambdaValidationException: PreTokenGeneration failed with error tenant unknown.',
    );
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
  it('refuses the sign-in when it takes longer than five seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const reached = Promise.withResolvers<void>();
      pool.trigger.run = () => {
        reached.resolve();
        return new Promise(() => undefined);
      };
      const refused = refusal(tokens());
      await reached.promise;
      vi.advanceTimersByTime(5000);
      expect(await refused).toBe(
        'UnexpectedLambdaException: PreTokenGeneration invocation failed due to timeout',
      );
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([
    ['nothing', undefined],
    ['text', 'yes'],
    ['no response', {}],
    [
      'scopes that are no list',
      { response: { claimsAndScopeOverrideDetails: { accessTokenGeneration: { scopesToAdd: 'a' } } } },
    ],
  ])('refuses the sign-in when it answers %s', async (_, answer) => {
    pool.trigger.run = () => answer;
    expect(await refusal(tokens())).toBe('InvalidLambdaResponseException: Unrecognizable lambda output');
  });
});
