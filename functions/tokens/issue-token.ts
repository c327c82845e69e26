import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import { issueToken as route } from '../../shared/routes/tokens.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayIssueToken } from '../../shared/rules/tokens.ts';
import { authenticateClient, presentedCredentials } from './caller.ts';
import type { Deps } from './deps.ts';
import { oauthTokens } from './oauth-tokens.ts';
import { refreshTokens } from './refresh.ts';

/** RFC 6749 4.4: client credentials; no refresh token (4.4.3). And 6: refresh, for tokens of `authenticate`. */
export const issueTokenEndpoint = (deps: Deps) =>
  endpoint(route, async (call) => {
    const { grant_type: grantType } = call.body;
    if (grantType === 'refresh_token') return refresh(deps, call);
    const credentials = presentedCredentials(call);
    if (!credentials.ok) return credentials;
    if (!grantType) return refused({ reason: 'grant_type_missing' });
    if (grantType !== 'client_credentials') return refused({ reason: 'grant_type_unsupported', grantType });
    const { origin, now } = call;
    const attempt = { credentials: credentials.value, action: 'token.issue', origin, now } as const;
    const signedIn = await signIn(deps.table, deps.pool, attempt, mayIssueToken);
    if (!signedIn.ok) return signedIn;
    const { accessToken, expiresInSeconds } = signedIn.value.tokens;
    return granted({
      json: { access_token: accessToken, token_type: 'Bearer', expires_in: expiresInSeconds },
    });
  });

/** A client that authenticates must be right, and the token its own (RFC 6749 6); one without a secret need not. */
async function refresh(deps: Deps, call: Call<typeof route>): Promise<Outcome<typeof route>> {
  const { headers, body, origin, now } = call;
  if (!body.refresh_token) return refused({ reason: 'refresh_token_missing' });
  const authenticates = headers.authorization !== undefined || body.client_secret !== undefined;
  const client = authenticates ? await authenticateClient(deps, call) : undefined;
  if (client?.ok === false) return client;
  const refreshed = await refreshTokens(
    deps,
    {
      refreshToken: body.refresh_token,
      belongs: ({ account }) =>
        client === undefined ||
        (account.tenant === client.value.tenant && account.employeeId === client.value.employeeId),
    },
    { origin, now },
  );
  return refreshed.ok ? granted({ json: oauthTokens(refreshed.value.tokens) }) : refreshed;
}
