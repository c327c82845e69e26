import type { Tokens } from '../../shared/identity/user-pool.ts';

/** Tokens as PSA V2 shows them. */
export function v2Tokens(tokens: Tokens, now: Date, refreshUntilEpochSeconds: number) {
  return {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    accessTokenExpireOn: new Date(now.getTime() + tokens.expiresInSeconds * 1000).toISOString(),
    refreshTokenExpireOn: new Date(refreshUntilEpochSeconds * 1000).toISOString(),
  };
}
