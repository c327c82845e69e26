import { type Decision, granted, refused } from './decision.ts';
import type { RoleFacts } from './rights.ts';
import { isApiEmployee, type UserType } from './user-types.ts';

/** What decides whether an account gets a token once its password was right. */
export type SignInFacts = {
  readonly userType: UserType;
  readonly active: boolean;
  readonly sso: boolean;
  readonly roles: readonly RoleFacts[];
  readonly tenantActive: boolean;
  /** The tenant setting *Require MFA for non-SSO users* (M2). */
  readonly requireMfa: boolean;
  readonly secondFactorPassed: boolean;
};

export type TokenRefusal =
  | { readonly reason: 'tenant_suspended' }
  | { readonly reason: 'account_inactive' }
  | { readonly reason: 'no_role' }
  | { readonly reason: 'role_without_api_access'; readonly roles: readonly string[] }
  | { readonly reason: 'mfa_required' };

/** The same rule at every endpoint that issues tokens, for every user type (M2, M15). */
export function mayIssueToken(account: SignInFacts): Decision<null, TokenRefusal> {
  const standing = inGoodStanding(account);
  if (!standing.ok) return standing;
  return needsSecondFactor(account) && !account.secondFactorPassed
    ? refused({ reason: 'mfa_required' })
    : granted(null);
}

/** M2: never binds an API Employee, nor people on SSO. */
export function needsSecondFactor(account: Pick<SignInFacts, 'userType' | 'sso' | 'requireMfa'>): boolean {
  return account.requireMfa && !account.sso && !isApiEmployee(account.userType);
}

/** What must hold at issuance and again on each call (M15, M18). */
function inGoodStanding(
  account: Pick<SignInFacts, 'active' | 'roles' | 'tenantActive'>,
): Decision<null, Exclude<TokenRefusal, { reason: 'mfa_required' }>> {
  if (!account.tenantActive) return refused({ reason: 'tenant_suspended' });
  if (!account.active) return refused({ reason: 'account_inactive' });
  const roles = account.roles.filter((role) => role.active);
  if (roles.length === 0) return refused({ reason: 'no_role' });
  if (!roles.some((role) => role.administrator || role.apiAccess)) {
    return refused({ reason: 'role_without_api_access', roles: roles.map((role) => role.name) });
  }
  return granted(null);
}

/** What decides whether a token that verifies is still good on this call (M18). */
export type TokenUseFacts = {
  /** Undefined when the account is gone. */
  readonly account:
    | (Pick<SignInFacts, 'active' | 'roles' | 'tenantActive'> & {
        readonly generation: string | undefined;
        readonly tokensValidAfterEpochSeconds: number;
      })
    | undefined;
  readonly familyEnded: boolean;
  readonly tokenGeneration: string;
  readonly authTimeEpochSeconds: number;
};

export type TokenUseRefusal =
  | { readonly reason: 'token_ended' }
  | Exclude<TokenRefusal, { reason: 'mfa_required' }>;

export function mayUseToken(facts: TokenUseFacts): Decision<null, TokenUseRefusal> {
  const { account } = facts;
  if (account === undefined || facts.familyEnded || account.generation !== facts.tokenGeneration) {
    return refused({ reason: 'token_ended' });
  }
  // Same second counts as before: issuance waits for the next second instead (see `waitPast` in identity/sign-in.ts).
  if (facts.authTimeEpochSeconds <= account.tokensValidAfterEpochSeconds) {
    return refused({ reason: 'token_ended' });
  }
  return inGoodStanding(account);
}
