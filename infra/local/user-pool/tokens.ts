/**
 * Issuing tokens: a sign-in starts a family (`origin_jti`, `auth_time`), and so does a rotation (refresh.ts).
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html
 */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { clearFailures } from './attempts.ts';
import { notAuthorized, userDisabled } from './errors.ts';
import type { AppClient } from './identity.ts';
import { type Claims, signJwt } from './jwt.ts';
import type { Pool } from './pool.ts';
import { applyChanges, grantedScopes, runPreTokenTrigger, type TriggerSource } from './pre-token.ts';
import type { Family, User } from './store.ts';

type Issue = {
  readonly user: User;
  readonly client: AppClient;
  readonly source: TriggerSource;
  readonly clientMetadata: Readonly<Record<string, string>> | undefined;
};

const MS_PER_DAY = 24 * 60 * 60 * 1000;
const SECONDS_PER_MINUTE = 60;

export const hashRefreshToken = (token: string) => createHash('sha256').update(token).digest('base64url');

/**
 * Opaque, and as long as Cognito's (an encrypted JWT of some 1,800 characters), so that whatever must carry or keep
 * one meets its real size here.
 */
function newRefreshToken(): string {
  const header = Buffer.from('{"cty":"JWT","enc":"A256GCM","alg":"RSA-OAEP"}').toString('base64url');
  const parts = [256, 12, 990, 16].map((bytes) => randomBytes(bytes).toString('base64url'));
  return [header, ...parts].join('.');
}

/** The new refresh token lives for what is left of the family's time. */
export function addRefreshToken(pool: Pool, family: Family): string {
  const token = newRefreshToken();
  pool.store.commit({
    type: 'refresh-token-saved',
    token: { hash: hashRefreshToken(token), originJti: family.originJti, rotatedAtMs: null },
  });
  return token;
}

/** ID and access token for a family that the store knows. */
export async function issueTokens(pool: Pool, family: Family, issue: Issue) {
  const { user, client } = issue;
  const settings = pool.settings.clients[client.name];
  const outcome = await runPreTokenTrigger(pool, issue);

  // The trigger took its time; meanwhile the user may have been disabled, deleted or signed out.
  if (pool.store.user(user.username)?.enabled === false) throw userDisabled();
  if (pool.store.family(family.originJti)?.ended !== false)
    throw notAuthorized('Refresh Token has been revoked');

  const iat = Math.floor(pool.now().getTime() / 1000);
  const shared: Claims = {
    sub: user.sub,
    iss: pool.identity.issuer,
    origin_jti: family.originJti,
    event_id: family.eventId,
    auth_time: family.authTimeEpochSeconds,
    iat,
  };
  const scopes = grantedScopes(outcome.accessToken);
  const accessClaims: Claims = {
    ...shared,
    client_id: client.id,
    token_use: 'access',
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    exp: iat + settings.accessTokenMinutes * SECONDS_PER_MINUTE,
    jti: randomUUID(),
    username: user.username,
  };
  const idClaims: Claims = {
    ...user.attributes,
    ...shared,
    aud: client.id,
    'cognito:username': user.username,
    token_use: 'id',
    exp: iat + settings.idTokenMinutes * SECONDS_PER_MINUTE,
    jti: randomUUID(),
  };
  const [accessToken, idToken] = await Promise.all([
    signJwt(pool.identity.keys.access, applyChanges(accessClaims, outcome.accessToken, client.id)),
    signJwt(pool.identity.keys.id, applyChanges(idClaims, outcome.idToken, client.id)),
  ]);
  return {
    AccessToken: accessToken,
    IdToken: idToken,
    TokenType: 'Bearer',
    ExpiresIn: settings.accessTokenMinutes * SECONDS_PER_MINUTE,
  };
}

/** The end of a successful sign-in. */
export async function startFamily(pool: Pool, issue: Issue) {
  const nowMs = pool.now().getTime();
  const family: Family = {
    originJti: randomUUID(),
    eventId: randomUUID(),
    sub: issue.user.sub,
    username: issue.user.username,
    clientId: issue.client.id,
    authTimeEpochSeconds: Math.floor(nowMs / 1000),
    expiresAtMs: nowMs + pool.settings.clients[issue.client.name].refreshTokenDays * MS_PER_DAY,
    ended: false,
  };
  // Saved before its tokens exist, so that a global sign-out meanwhile ends this family too.
  pool.store.commit({ type: 'family-saved', family });
  const tokens = await issueTokens(pool, family, issue);
  clearFailures(pool, issue.user.username);
  return { ...tokens, RefreshToken: addRefreshToken(pool, family) };
}
