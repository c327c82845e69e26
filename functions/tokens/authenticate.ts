import { endpoint } from '../../shared/http/call.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import type { UserPool } from '../../shared/identity/user-pool.ts';
import { authenticate as route } from '../../shared/routes/tokens.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayIssueToken } from '../../shared/rules/tokens.ts';
import type { Table } from '../../shared/store/table.ts';

const DAY_MILLISECONDS = 86_400_000;

/** PSA V2 sign-in: a password grant, for compatibility only, under the same rules as every other (M15). */
export const authenticateEndpoint = (table: Table, pool: UserPool, publicUrl: string) =>
  endpoint(route, async ({ body, origin, now }) => {
    const credentials = { company: body.Tenant, userName: body.UserName, password: body.Password };
    const signedIn = await signIn(
      table,
      pool,
      { credentials, action: 'token.issue', code: body.MFACode, origin, now },
      mayIssueToken,
    );
    if (!signedIn.ok) {
      return signedIn.refusal.reason === 'mfa_enrollment_required'
        ? refused({ ...signedIn.refusal, address: `${publicUrl}/` })
        : signedIn;
    }
    const { accessToken, refreshToken, expiresInSeconds, refreshTokenDays } = signedIn.value.tokens;
    return granted({
      result: {
        accessToken,
        refreshToken,
        accessTokenExpireOn: new Date(now.getTime() + expiresInSeconds * 1000).toISOString(),
        refreshTokenExpireOn: new Date(now.getTime() + refreshTokenDays * DAY_MILLISECONDS).toISOString(),
      },
    });
  });
