import { type Decision, refused } from './decision.ts';
import type { RoleFacts } from './rights.ts';
import {
  checkSecondFactor,
  checkSso,
  needsSecondFactor,
  type SecondFactorFacts,
  type SecondFactorRefusal,
} from './second-factor.ts';

/** What decides whether an account gets a token once its password was right. */
export type SignInFacts = SecondFactorFacts & {
  readonly active: boolean;
  readonly roles: readonly RoleFacts[];
  readonly tenantActive: boolean;
};

/** What ends tokens that are out already, too (M18). */
type StandingRefusal =
  | { readonly reason: 'tenant_suspended' }
  | { readonly reason: 'account_inactive' }
  | { readonly reason: 'no_role' }
  | { readonly reason: 'role_without_api_access'; readonly roles: readonly string[] }
  | { readonly reason: 'sso_only' };

export type TokenRefusal = StandingRefusal | SecondFactorRefusal;

/** The same rule at every endpoint that issues tokens, for every user type (M2, M15). */
export function mayIssueToken(account: SignInFacts): Decision<null, TokenRefusal> {
  const standing = inGoodStanding(account);
  return standing.ok ? checkSecondFactor(account) : standing;
}

export type TokenRefusalWithoutCode = Exclude<TokenRefusal, { reason: 'mfa_enrollment_required' }>;

/** For endpoints that can take no code: to set a factor up would not help there. */
export function mayIssueTokenWithoutCode(account: SignInFacts): Decision<null, TokenRefusalWithoutCode> {
  const decision = mayIssueToken(account);
  if (decision.ok) return decision;
  const { refusal } = decision;
  return refusal.reason === 'mfa_enrollment_required'
    ? refused({ reason: 'mfa_required' })
    : refused(refusal);
}

/** Up to which second all that was signed in has ended: the account's own, or the whole company's (M18). */
export function endedUpTo(
  tenant: { readonly tokensValidAfter?: number | undefined },
  account: { readonly tokensValidAfter: number },
): number {
  return Math.max(account.tokensValidAfter, tenant.tokensValidAfter ?? 0);
}

type StandingFacts = Pick<SignInFacts, 'userType' | 'sso' | 'active' | 'roles' | 'tenantActive'>;

/** What must hold at issuance and again on each call (M2, M15, M18). */
function inGoodStanding(account: StandingFacts): Decision<null, StandingRefusal> {
  if (!account.tenantActive) return refused({ reason: 'tenant_suspended' });
  if (!account.active) return refused({ reason: 'account_inactive' });
  const roles = account.roles.filter((role) => role.active);
  if (roles.length === 0) return refused({ reason: 'no_role' });
  if (!roles.some((role) => role.administrator || role.apiAccess)) {
    return refused({ reason: 'role_without_api_access', roles: roles.map((role) => role.name) });
  }
  return checkSso(account);
}

/** What decides whether a token that verifies is still good on this call (M18). */
export type TokenUseFacts = {
  /** Undefined when the account is gone. */
  readonly account:
    | (StandingFacts & {
        readonly requireMfa: boolean;
        readonly hasSecondFactor: boolean;
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
  | { readonly reason: 'mfa_required' }
  | StandingRefusal;

export function mayUseToken(facts: TokenUseFacts): Decision<null, TokenUseRefusal> {
  const { account } = facts;
  if (account === undefined || facts.familyEnded || account.generation !== facts.tokenGeneration) {
    return refused({ reason: 'token_ended' });
  }
  // Before the times, which most of these set too: the reason that can be acted on is told.
  const standing = inGoodStanding(account);
  if (!standing.ok) return standing;
  // Same second counts as before: issuance waits for the next second instead (see `waitPast` in identity/sign-in.ts).
  if (facts.authTimeEpochSeconds <= account.tokensValidAfterEpochSeconds) {
    return refused({ reason: 'token_ended' });
  }
  // Setting a factor up ended what was got without it: who has one now got this token with it (M2).
  return needsSecondFactor(account) && !account.hasSecondFactor
    ? refused({ reason: 'mfa_required' })
    : standing;
}
