import { createHmac, timingSafeEqual } from 'node:crypto';
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt';
import * as v from 'valibot';
import { DAY_SECONDS } from '../clock.ts';
import { newSecret, sha256 } from '../ids.ts';
import { parseShape } from '../shape.ts';
import { newFamily } from '../store/families.ts';
import type { Tokens } from './user-pool.ts';

/**
 * What clients hold: `<origin_jti>.<seal>.<Cognito's refresh token>`. Cognito's own says nothing of where it
 * belongs; the first part does, and the seal shows that this system put the parts together. So a token that was
 * used up can end its own family, and a made-up one ends nobody's.
 */
type RefreshToken = { readonly originJti: string; readonly seal: string; readonly cognitoToken: string };

const claims = v.object({
  username: v.string(),
  origin_jti: v.string(),
  auth_time: v.number(),
});

export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, originJti, seal, cognitoToken] = /^([0-9a-f-]{36})\.([\w-]{43})\.([\w.-]+)$/.exec(text) ?? [];
  return originJti && seal && cognitoToken ? { originJti, seal, cognitoToken } : undefined;
}

export function isSealed({ originJti, seal, cognitoToken }: RefreshToken, sealKey: string): boolean {
  const wanted = Buffer.from(sealOf(originJti, cognitoToken, sealKey));
  const given = Buffer.from(seal);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

/** @returns the token for the client, and what the family remembers of it. */
export function sealRefreshToken(originJti: string, cognitoToken: string, sealKey: string) {
  const token = `${originJti}.${sealOf(originJti, cognitoToken, sealKey)}.${cognitoToken}`;
  return { token, hash: sha256(token) };
}

function sealOf(originJti: string, cognitoToken: string, sealKey: string): string {
  return createHmac('sha256', sealKey).update(`${originJti}.${cognitoToken}`).digest('base64url');
}

/** Straight from Cognito, in this very request: there is nothing to verify. */
export function isOfSignIn(accessToken: string, originJti: string): boolean {
  const { payload } = decomposeUnverifiedJwt(accessToken);
  return (payload.sign_in_id ?? payload.origin_jti) === originJti;
}

/** Makes the tokens of a sign-in refreshable: the family to write, and the tokens to hand out. */
export function openFamily(tokens: Tokens, secondFactorPassed: boolean) {
  // Straight from Cognito, in this very request: there is nothing to verify.
  const { payload } = decomposeUnverifiedJwt(tokens.accessToken);
  const { username, origin_jti: originJti, auth_time: authTime } = parseShape(claims, payload);
  const sealKey = newSecret();
  const { token, hash } = sealRefreshToken(originJti, tokens.refreshToken, sealKey);
  const item = newFamily(originJti, {
    cognitoUser: username,
    authTime,
    secondFactorPassed,
    until: authTime + tokens.refreshTokenDays * DAY_SECONDS,
    sealKey,
    live: [hash],
    version: 1,
  });
  return { item, tokens: { ...tokens, refreshToken: token } };
}
