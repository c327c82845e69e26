import { DAY_SECONDS, epochSeconds } from '../../shared/clock.ts';
import { endpoint } from '../../shared/http/call.ts';
import { signIn } from '../../shared/identity/sign-in.ts';
import type { UserPool } from '../../shared/identity/user-pool.ts';
import { authenticate as route } from '../../shared/routes/tokens.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayIssueToken } from '../../shared/rules/tokens.ts';
import type { Table } from '../../shared/store/table.ts';
import { v2Tokens } from './v2-tokens.ts';

/** PSA V2 sign-in: a password grant, for compatibility only, under the same rules as every other (M15). */
export const authenticateEndpoint = (table: Table, pool: UserPool, publicUrl: string) =>
  endpoint(route, async ({ body, origin, now }) => {
    const credentials = { company: body.Tenant, userName: body.UserName, password: body.Password };
    const signedIn = await signIn(
      table,
      pool,
      { credentials, action: 'token.issue', code: body.MFACode, refreshable: true, origin, now },
      mayIssueToken,
    );
    if (!signedIn.ok) {
      return signedIn.refusal.reason === 'mfa_enrollment_required'
        ? refused({ ...signedIn.refusal, address: `${publicUrl}/` })
        : signedIn;
    }
    const { tokens } = signedIn.value;
    const refreshUntil = epochSeconds(now) + tokens.refreshTokenDays * DAY_SECONDS;
    return granted({ result: v2Tokens(tokens, now, refreshUntil) });
  });
