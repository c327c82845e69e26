import type { AccessTokenClaims, TokenVerifier } from '../../shared/http/bearer.ts';

/** The claims of an access token that this deployment issued; undefined for anything else. */
export async function claimsOf(
  verifier: TokenVerifier,
  token: string,
  which: 'live only' | 'expired too',
): Promise<AccessTokenClaims | undefined> {
  await verifier.hydrate(); // Keys that cannot be fetched are a fault, not a wrong token.
  const verify = which === 'live only' ? verifier.verify : verifier.verifyExpired;
  return verify(token).catch(() => undefined);
}
