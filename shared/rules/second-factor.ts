import { type Decision, granted, refused } from './decision.ts';
import { isApiEmployee, type UserType } from './user-types.ts';

/** What decides whether a second factor stands between a right password and what it opens (M2). */
export type SecondFactorFacts = {
  readonly userType: UserType;
  readonly sso: boolean;
  /** The tenant setting *Require MFA for non-SSO users*. */
  readonly requireMfa: boolean;
  readonly secondFactorPassed: boolean;
  /** Whether the person has set one up; where that is not known, `mfa_required` is answered. */
  readonly hasSecondFactor?: boolean | undefined;
  /** Since a recovery code switched the factor off: it is to be set up again, whatever the setting says. */
  readonly mustEnrol?: boolean | undefined;
};

export type SecondFactorRefusal =
  | { readonly reason: 'mfa_required' }
  /** `address`: the page on which it is set up, where the endpoint knows it. */
  | { readonly reason: 'mfa_enrollment_required'; readonly address?: string };

/** M2: never binds an API Employee, nor people on SSO. */
export function needsSecondFactor(
  account: Pick<SecondFactorFacts, 'userType' | 'sso' | 'requireMfa'>,
): boolean {
  return account.requireMfa && !account.sso && !isApiEmployee(account.userType);
}

/**
 * The one rule of every endpoint that answers to a password or to what a password once opened: sign-in, token
 * requests, refresh. A factor that a person set up counts whether or not the company asks for one.
 */
export function checkSecondFactor(account: SecondFactorFacts): Decision<null, SecondFactorRefusal> {
  if (isApiEmployee(account.userType) || account.secondFactorPassed) return granted(null);
  const bound = needsSecondFactor(account) || (account.mustEnrol === true && !account.sso);
  if (account.hasSecondFactor === true) return refused({ reason: 'mfa_required' });
  if (!bound) return granted(null);
  return account.hasSecondFactor === false
    ? refused({ reason: 'mfa_enrollment_required' })
    : refused({ reason: 'mfa_required' });
}

/** People whom an identity provider signs in have no password here that opens anything. */
export function checkSso(account: {
  readonly userType: UserType;
  readonly sso: boolean;
}): Decision<null, { readonly reason: 'sso_only' }> {
  return account.sso && !isApiEmployee(account.userType) ? refused({ reason: 'sso_only' }) : granted(null);
}

export const RECOVERY_CODES = 10;

/** As typed: letter case, spaces and dashes make no difference, and 0, 1, 8 are what they look like. */
export function foldRecoveryCode(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replaceAll('0', 'O')
    .replaceAll('1', 'I')
    .replaceAll('8', 'B');
}

/** Six digits; apps show them in two groups. Undefined for what no app shows. */
export function parseCode(typed: string): string | undefined {
  const code = typed.replace(/[\s-]/g, '');
  return /^\d{6}$/.test(code) ? code : undefined;
}
