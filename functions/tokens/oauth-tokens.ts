import type { Tokens } from '../../shared/identity/user-pool.ts';

/** RFC 6749 5.1, with a refresh token. */
export function oauthTokens(tokens: Tokens) {
  return {
    access_token: tokens.accessToken,
    token_type: 'Bearer',
    expires_in: tokens.expiresInSeconds,
    refresh_token: tokens.refreshToken,
  } as const;
}
