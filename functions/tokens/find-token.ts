import { type AccessTokenClaims, claimsOf } from '../../shared/http/bearer.ts';
import { type CognitoUser, parseCognitoUser } from '../../shared/identity/cognito-user.ts';
import { isSealed, parseRefreshToken } from '../../shared/identity/refresh-tokens.ts';
import { sha256 } from '../../shared/ids.ts';
import type { RefreshState } from '../../shared/store/families.ts';
import { readFamily } from '../../shared/store/families.ts';
import type { Deps } from './deps.ts';

type FoundToken = { readonly originJti: string; readonly account: CognitoUser } & (
  | { readonly kind: 'access'; readonly claims: AccessTokenClaims }
  | { readonly kind: 'refresh'; readonly family: RefreshState; readonly hash: string }
);

/** What a token is, access or refresh, if this deployment issued it; a hint is not needed to tell. */
export async function findToken(
  { table, verifier }: Deps,
  token: string,
  which: 'live only' | 'expired too',
): Promise<FoundToken | undefined> {
  const parts = parseRefreshToken(token);
  if (parts !== undefined) {
    const family = (await readFamily(table, parts.originJti))?.refresh;
    const account = family && parseCognitoUser(family.cognitoUser);
    if (!family || !account || !isSealed(parts, family.sealKey)) return undefined;
    return { kind: 'refresh', originJti: parts.originJti, account, family, hash: sha256(token) };
  }
  const claims = await claimsOf(which === 'live only' ? verifier.verify : verifier.verifyExpired, token);
  const account = claims && parseCognitoUser(claims.username);
  return claims && account && { kind: 'access', originJti: claims.origin_jti, account, claims };
}
