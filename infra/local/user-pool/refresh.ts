/**
 * Refresh by rotation, and revocation.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
 */
import { randomUUID } from 'node:crypto';
import { checkClientSecret, requireClient } from './clients.ts';
import { notAuthorized, UserPoolError, userDisabled } from './errors.ts';
import type { AppClient } from './identity.ts';
import { type Input, optionalObject, requiredString, stringMap } from './input.ts';
import { verifyJwt } from './jwt.ts';
import type { Pool } from './pool.ts';
import type { Family, RefreshToken } from './store.ts';
import { addRefreshToken, hashRefreshToken, issueTokens } from './tokens.ts';

/** The token and its family, if it may be used now; the refusal otherwise. */
function usable(pool: Pool, client: AppClient, hash: string): { token: RefreshToken; family: Family } {
  const nowMs = pool.now().getTime();
  const token = pool.store.refreshToken(hash);
  const family = token && pool.store.family(token.originJti);
  if (!family || family.clientId !== client.id) throw notAuthorized('Invalid Refresh Token.');
  if (family.ended) throw notAuthorized('Refresh Token has been revoked');
  if (nowMs >= family.expiresAtMs) throw notAuthorized('Refresh Token has expired');

  // The token rotated out "can remain valid for up to 60 seconds", for clients that lost the answer.
  const graceMs = pool.settings.clients[client.name].refreshTokenRotation.retryGracePeriodSeconds * 1000;
  if (token.rotatedAtMs !== null && nowMs >= token.rotatedAtMs + graceMs) {
    throw new UserPoolError('RefreshTokenReuseException', 'Refresh token has been invalidated by rotation');
  }
  return { token, family };
}

/**
 * Whether rotated tokens keep `origin_jti` and `auth_time` of their sign-in AWS does not say. Here they do not: what
 * works with that works either way.
 */
function renewed(pool: Pool, family: Family): Family {
  const authTimeEpochSeconds = Math.floor(pool.now().getTime() / 1000);
  const next = { ...family, originJti: randomUUID(), authTimeEpochSeconds };
  pool.store.commit({ type: 'family-saved', family: next });
  return next;
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetTokensFromRefreshToken.html */
export async function getTokensFromRefreshToken(pool: Pool, input: Input) {
  const client = requireClient(pool, input);
  const hash = hashRefreshToken(requiredString(input, 'RefreshToken'));
  checkClientSecret(client, input);
  const { family } = usable(pool, client, hash);
  const user = pool.store.user(family.username);
  if (!user || user.sub !== family.sub) throw notAuthorized('Invalid Refresh Token.');
  if (!user.enabled) throw userDisabled();

  const clientMetadata = optionalObject(input, 'ClientMetadata') && stringMap(input, 'ClientMetadata');
  const source = 'TokenGeneration_RefreshTokens';
  const next = renewed(pool, family);
  const tokens = await issueTokens(pool, next, { user, client, source, clientMetadata });

  // Asked again: of two uses at once without a grace period, one must lose.
  const { token } = usable(pool, client, hash);
  if (token.rotatedAtMs === null) {
    const rotatedAtMs = pool.now().getTime();
    pool.store.commit({ type: 'refresh-token-saved', token: { ...token, rotatedAtMs } });
  }
  return { AuthenticationResult: { ...tokens, RefreshToken: addRefreshToken(pool, next) } };
}

/**
 * Ends the family: the refresh token and every token that descends from the same sign-in.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_RevokeToken.html
 */
export async function revokeToken(pool: Pool, input: Input) {
  const client = requireClient(pool, input);
  const text = requiredString(input, 'Token');
  checkClientSecret(client, input);
  const { access, id } = pool.identity.keys;
  if (verifyJwt(access, text) || verifyJwt(id, text)) {
    throw new UserPoolError('UnsupportedTokenTypeException', 'Unsupported token type');
  }
  const token = pool.store.refreshToken(hashRefreshToken(text));
  const family = token && pool.store.family(token.originJti);
  // RFC 7009 section 2.2: revoking a token that is unknown or already void is a success.
  if (!family) return {};
  if (family.clientId !== client.id) throw notAuthorized('The refresh token was not issued to this client');
  if (!family.ended) pool.store.commit({ type: 'family-ended', originJti: family.originJti });
  return {};
}
