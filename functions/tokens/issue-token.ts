import { endpoint } from '../../shared/http/call.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import { issueToken as route } from '../../shared/routes/tokens.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayIssueTokenWithoutCode } from '../../shared/rules/tokens.ts';
import { presentedCredentials } from './caller.ts';
import type { Deps } from './deps.ts';
import { refreshGrant } from './refresh-grant.ts';

const OFFERED = ['client_credentials', 'refresh_token'] as const;

/** RFC 6749 4.4: client credentials; no refresh token (4.4.3). And 6: refresh, for tokens of `authenticate` and V1. */
export const issueTokenEndpoint = (deps: Deps) =>
  endpoint(route, async (call) => {
    const { grant_type: grantType } = call.body;
    if (grantType === 'refresh_token') return refreshGrant(deps, call);
    const credentials = presentedCredentials(call);
    if (!credentials.ok) return credentials;
    if (!grantType) return refused({ reason: 'grant_type_missing', offered: OFFERED });
    if (grantType !== 'client_credentials') {
      return refused({ reason: 'grant_type_unsupported', grantType, offered: OFFERED });
    }
    const { origin, now } = call;
    const attempt = { credentials: credentials.value, action: 'token.issue', origin, now } as const;
    const signedIn = await signIn(deps.table, deps.pool, attempt, mayIssueTokenWithoutCode);
    if (!signedIn.ok) return signedIn;
    const { accessToken, expiresInSeconds } = signedIn.value.tokens;
    return granted({
      json: { access_token: accessToken, token_type: 'Bearer', expires_in: expiresInSeconds },
    });
  });
