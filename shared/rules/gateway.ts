import { type Decision, refused } from './decision.ts';
import { checkSecondFactor, checkSso } from './second-factor.ts';
import type { SignInFacts, TokenRefusal } from './tokens.ts';
import { isApiEmployee } from './user-types.ts';

export type GatewayRefusal =
  | { readonly reason: 'no_ui_access' }
  | Extract<
      TokenRefusal,
      {
        reason:
          | 'tenant_suspended'
          | 'account_inactive'
          | 'sso_only'
          | 'mfa_required'
          | 'mfa_enrollment_required';
      }
    >;

/** M7: the right password of an API Employee opens no screen. Asked only after the password was right. */
export function maySignInAtGateway(account: SignInFacts): Decision<null, GatewayRefusal> {
  if (!account.tenantActive) return refused({ reason: 'tenant_suspended' });
  if (!account.active) return refused({ reason: 'account_inactive' });
  if (isApiEmployee(account.userType)) return refused({ reason: 'no_ui_access' });
  const sso = checkSso(account);
  return sso.ok ? checkSecondFactor(account) : sso;
}
