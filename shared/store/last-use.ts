import * as v from 'valibot';
import { DAY_SECONDS, epochSeconds } from '../clock.ts';
import { AUDIT_RETENTION_DAYS, type AuditAction } from './audit.ts';
import { commonFields, epochTime } from './items.ts';
import { lastUseKey } from './keys.ts';
import { batchGet, type Table } from './table.ts';

/** When an account last got a token, or a person last signed in; written with the sign-in's own record. */
const lastUseItem = v.object({
  ...commonFields,
  type: v.literal('last-use'),
  at: v.string(),
  expiresAt: epochTime,
});
type LastUseItem = v.InferOutput<typeof lastUseItem>;

/** The item that says when an account was last used, for the very write that records the use. */
export function lastUse(
  account: { readonly tenant: string; readonly employeeId: number },
  action: Extract<AuditAction, 'token.issue' | 'gateway.sign-in'>,
  at: Date,
): Record<string, unknown> {
  const item: LastUseItem = {
    schema: 1,
    type: 'last-use',
    at: at.toISOString(),
    // As long as the audit itself can tell.
    expiresAt: epochSeconds(at) + AUDIT_RETENTION_DAYS * DAY_SECONDS,
  };
  const use = action === 'token.issue' ? 'TOKEN' : 'SIGN-IN';
  return { ...lastUseKey(account.tenant, account.employeeId, use), ...item };
}

/** ISO 8601 in UTC; null when it did not happen within the audit's retention. */
export async function readLastUse(
  table: Table,
  tenant: string,
  employeeId: number,
): Promise<{ lastSignIn: string | null; lastTokenAt: string | null }> {
  const { signIn, token } = await batchGet(table, {
    signIn: { key: lastUseKey(tenant, employeeId, 'SIGN-IN'), schema: lastUseItem },
    token: { key: lastUseKey(tenant, employeeId, 'TOKEN'), schema: lastUseItem },
  });
  return { lastSignIn: signIn?.at ?? null, lastTokenAt: token?.at ?? null };
}
