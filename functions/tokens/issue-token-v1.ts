import { endpoint } from '../../shared/http/call.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import { issueTokenV1 as route } from '../../shared/routes/tokens.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayIssueToken } from '../../shared/rules/tokens.ts';
import type { Deps } from './deps.ts';
import { oauthTokens } from './oauth-tokens.ts';

/** The V1 password grant: for existing scripts only, under the same rules as every other (M15). */
export const issueTokenV1Endpoint = ({ table, pool }: Deps) =>
  endpoint(route, async ({ body, origin, now }) => {
    const { grant_type: grantType } = body;
    if (!grantType) return refused({ reason: 'grant_type_missing' });
    if (grantType !== 'password') return refused({ reason: 'grant_type_unsupported', grantType });
    const credentials = { company: body.tenant, userName: body.username, password: body.password };
    const attempt = { credentials, action: 'token.issue', refreshable: true, origin, now } as const;
    const signedIn = await signIn(table, pool, attempt, mayIssueToken);
    if (signedIn.ok) return granted({ json: oauthTokens(signedIn.value.tokens) });
    const { refusal } = signedIn;
    return refusal.reason === 'credentials_wrong'
      ? refused({ reason: 'grant_credentials_wrong' })
      : { ok: false, refusal };
  });
