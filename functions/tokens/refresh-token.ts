import { endpoint } from '../../shared/http/call.ts';
import { claimsOf } from '../../shared/http/token-verifier.ts';
import { refreshToken as route } from '../../shared/routes/tokens.ts';
import { granted } from '../../shared/rules/decision.ts';
import type { Deps } from './deps.ts';
import { refreshTokens } from './refresh.ts';
import { v2Tokens } from './v2-tokens.ts';

/** PSA V2 refresh. The access token, expired or not, must be of the same sign-in. */
export const refreshTokenEndpoint = (deps: Deps) =>
  endpoint(route, async ({ body, origin, now }) => {
    const claims = await claimsOf(deps.verifier.verifyExpired, body.AccessToken);
    const refreshed = await refreshTokens(
      deps,
      {
        refreshToken: body.RefreshToken ?? '',
        belongs: ({ originJti }) => originJti === claims?.origin_jti,
      },
      { origin, now },
    );
    if (!refreshed.ok) return refreshed;
    const { tokens, refreshUntil } = refreshed.value;
    return granted({ result: v2Tokens(tokens, now, refreshUntil) });
  });
