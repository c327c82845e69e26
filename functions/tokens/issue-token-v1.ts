import { endpoint } from '../../shared/http/call.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import { issueTokenV1 as route } from '../../shared/routes/tokens.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayIssueTokenWithoutCode } from '../../shared/rules/tokens.ts';
import type { Deps } from './deps.ts';
import { oauthTokens } from './oauth-tokens.ts';
import { refreshGrant } from './refresh-grant.ts';

const OFFERED = ['password', 'refresh_token'] as const;

/** V1: the password grant, for existing scripts only, under the same rules as every other (M15); and refresh. */
export const issueTokenV1Endpoint = (deps: Deps) =>
  endpoint(route, async (call) => {
    const { body, origin, now } = call;
    const { grant_type: grantType, username = '', password = '', tenant = '' } = body;
    if (!grantType) return refused({ reason: 'grant_type_missing', offered: OFFERED });
    if (grantType === 'refresh_token') return refreshGrant(deps, call);
    if (grantType !== 'password') {
      return refused({ reason: 'grant_type_unsupported', grantType, offered: OFFERED });
    }
    const missing = Object.entries({ username, password, tenant }).filter(([, value]) => value === '');
    if (missing.length > 0) {
      return refused({ reason: 'invalid_fields', problems: missing.map(([name]) => `${name} is required`) });
    }
    const credentials = { company: tenant, userName: username, password };
    const attempt = { credentials, action: 'token.issue', refreshable: true, origin, now } as const;
    const signedIn = await signIn(deps.table, deps.pool, attempt, mayIssueTokenWithoutCode);
    if (signedIn.ok) return granted({ json: oauthTokens(signedIn.value.tokens) });
    const { refusal } = signedIn;
    return refusal.reason === 'credentials_wrong'
      ? refused({ reason: 'grant_credentials_wrong' })
      : { ok: false, refusal };
  });
