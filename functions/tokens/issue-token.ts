import { parseBasic, splitUser } from '../../shared/http/basic.ts';
import { type Call, endpoint } from '../../shared/http/call.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import type { UserPool } from '../../shared/identity/user-pool.ts';
import { issueToken as route } from '../../shared/routes/tokens.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayIssueTokenWithoutCode } from '../../shared/rules/tokens.ts';
import type { Table } from '../../shared/store/table.ts';

/** RFC 6749 4.4: client credentials; no refresh token (4.4.3). */
export const issueTokenEndpoint = (table: Table, pool: UserPool) =>
  endpoint(route, async (call) => {
    const credentials = credentialsOf(call);
    if (!credentials.ok) return credentials;
    const { grant_type: grantType } = call.body;
    if (!grantType) return refused({ reason: 'grant_type_missing' });
    if (grantType !== 'client_credentials') return refused({ reason: 'grant_type_unsupported', grantType });
    const { origin, now } = call;
    const attempt = { credentials: credentials.value, action: 'token.issue', origin, now } as const;
    const signedIn = await signIn(table, pool, attempt, mayIssueTokenWithoutCode);
    if (!signedIn.ok) return signedIn;
    const { accessToken, expiresInSeconds } = signedIn.value.tokens;
    return granted({
      json: { access_token: accessToken, token_type: 'Bearer', expires_in: expiresInSeconds },
    });
  });

/** By HTTP Basic, or in the body (RFC 6749 2.3.1); never both (2.3). */
function credentialsOf({ headers, body }: Call<typeof route>) {
  if (headers.authorization !== undefined) {
    return body.client_secret === undefined
      ? parseBasic(headers.authorization)
      : refused({
          reason: 'credentials_malformed',
          problem: 'they are given twice, in the header and in the body',
        });
  }
  return body.client_id === undefined || body.client_secret === undefined
    ? refused({ reason: 'credentials_missing' })
    : splitUser(body.client_id, body.client_secret);
}
