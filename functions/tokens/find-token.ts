import { type AccessTokenClaims, claimsOf } from '../../shared/http/token-verifier.ts';
import { type CognitoUser, parseCognitoUser } from '../../shared/identity/cognito-user.ts';
import { isSealed, parseRefreshToken } from '../../shared/identity/refresh-tokens.ts';
import { sha256 } from '../../shared/ids.ts';
import type { RefreshState } from '../../shared/store/families.ts';
import { readFamily } from '../../shared/store/families.ts';
import type { Table } from '../../shared/store/table.ts';
import type { Deps } from './deps.ts';

type FoundToken = { readonly originJti: string; readonly account: CognitoUser } & (
  | { readonly kind: 'access'; readonly claims: AccessTokenClaims }
  | ({ readonly kind: 'refresh' } & FoundRefreshToken)
);

export type FoundRefreshToken = {
  readonly originJti: string;
  readonly account: CognitoUser;
  readonly family: RefreshState;
  readonly cognitoToken: string;
  /** Of the whole token, as the family remembers it. */
  readonly hash: string;
};

/** What a token is, access or refresh, if this deployment issued it; a hint is not needed to tell. */
export async function findToken(
  { table, verifier }: Deps,
  token: string,
  which: 'live only' | 'expired too',
): Promise<FoundToken | undefined> {
  const refresh = await findRefreshToken(table, token);
  if (refresh !== undefined) return { kind: 'refresh', ...refresh };
  const claims = await claimsOf(which === 'live only' ? verifier.verify : verifier.verifyExpired, token);
  const account = claims && parseCognitoUser(claims.username);
  return claims && account && { kind: 'access', originJti: claims.origin_jti, account, claims };
}

/** A refresh token that this deployment issued, used up or not; undefined for anything else. */
export async function findRefreshToken(table: Table, token: string): Promise<FoundRefreshToken | undefined> {
  const parts = parseRefreshToken(token);
  const family = parts && (await readFamily(table, parts.originJti))?.refresh;
  const account = family && parseCognitoUser(family.cognitoUser);
  if (!parts || !family || !account || !isSealed(parts, family.sealKey)) return undefined;
  const { originJti, cognitoToken } = parts;
  return { originJti, account, family, cognitoToken, hash: sha256(token) };
}
