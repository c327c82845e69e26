import { isCommonPassword } from './common-passwords.ts';
import { type Decision, granted, refused } from './decision.ts';
import { foldName } from './names.ts';
import { isApiEmployee, type UserType } from './user-types.ts';

/** Without a second factor (NIST 800-63B-4); API Employees never have one. Code points. */
export const SINGLE_FACTOR_MIN_LENGTH = 15;
/** Where a second factor is enforced. Also the floor of the user pool. Code points. */
export const SECOND_FACTOR_MIN_LENGTH = 8;
export const PASSWORD_MAX_LENGTH = 128;
/** An owner's request that waited longer than this for its mail is dropped: nobody expects it any more. */
export const OWNER_REQUEST_MAX_WAIT_MINUTES = 60;
/** How long one attempt to set a password holds its link. */
export const CLAIM_LEASE_SECONDS = 60;
/** Shorter parts of names would refuse half the dictionary. */
const NAME_PART_MIN_LENGTH = 4;

export type PasswordRefusal =
  | { readonly reason: 'password_too_short'; readonly minimum: number; readonly length: number }
  | { readonly reason: 'password_too_long'; readonly maximum: number; readonly length: number }
  | { readonly reason: 'password_white_space' }
  | { readonly reason: 'password_control_characters' }
  | { readonly reason: 'password_common' }
  | { readonly reason: 'password_holds_name'; readonly name: string };

export type PasswordFacts = {
  readonly password: string;
  readonly minimumLength: number;
  /** User name, company name, sign-in name of the company. */
  readonly names: readonly string[];
};

export function minimumPasswordLength(userType: UserType, secondFactorEnforced: boolean): number {
  return !isApiEmployee(userType) && secondFactorEnforced
    ? SECOND_FACTOR_MIN_LENGTH
    : SINGLE_FACTOR_MIN_LENGTH;
}

/** Both ways in, setting and checking, compare the same form (S8): NFC, nothing trimmed. */
export function normalisePassword(password: string): string {
  return password.normalize('NFC');
}

/** S8: length by code point, any script, no composition rules. Grants the form to store. */
export function acceptPassword(facts: PasswordFacts): Decision<string, PasswordRefusal> {
  const password = normalisePassword(facts.password);
  const length = Array.from(password).length;
  if (length < facts.minimumLength) {
    return refused({ reason: 'password_too_short', minimum: facts.minimumLength, length });
  }
  if (length > PASSWORD_MAX_LENGTH) {
    return refused({ reason: 'password_too_long', maximum: PASSWORD_MAX_LENGTH, length });
  }
  // Cognito's own limit: `^[\S]+.*[\S]+$`.
  if (/^\s|\s$/u.test(password)) return refused({ reason: 'password_white_space' });
  // Lone surrogates have no UTF-8 form: the client could never send them again.
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(password)) return refused({ reason: 'password_control_characters' });
  const folded = foldName(password);
  const held = facts.names.find((name) => {
    const part = foldName(name);
    return Array.from(part).length >= NAME_PART_MIN_LENGTH && folded.includes(part);
  });
  if (held !== undefined) return refused({ reason: 'password_holds_name', name: held });
  return isCommonPassword(folded) ? refused({ reason: 'password_common' }) : granted(password);
}

/** M6. For the two other types an admin may. */
export function maySetPasswordByHand(
  userType: UserType,
): Decision<null, { readonly reason: 'manual_password_for_api_employee' }> {
  return isApiEmployee(userType) ? refused({ reason: 'manual_password_for_api_employee' }) : granted(null);
}

/** M5, and no link for an account that could not use it. */
export function maySendInstructions(account: {
  readonly active: boolean;
  readonly emailAddress: string | undefined;
}): Decision<string, { readonly reason: 'mail_address_missing' } | { readonly reason: 'account_inactive' }> {
  if (!account.active) return refused({ reason: 'account_inactive' });
  return account.emailAddress === undefined
    ? refused({ reason: 'mail_address_missing' })
    : granted(account.emailAddress);
}

export type LinkRefusal =
  | { readonly reason: 'link_unknown' }
  | { readonly reason: 'link_used' }
  | { readonly reason: 'link_expired' }
  | { readonly reason: 'link_superseded' }
  | { readonly reason: 'link_in_use' };

export type LinkFacts = {
  readonly secretMatches: boolean;
  readonly used: boolean;
  readonly expiresAtEpochSeconds: number;
  /** The newest link voids the older (S2). */
  readonly newest: boolean;
  readonly accountActive: boolean;
  /** End of the lease of another attempt, if one was begun. */
  readonly leaseUntilEpochSeconds: number | undefined;
};

/** A wrong secret learns nothing of the link's state. */
export function mayRedeemLink(facts: LinkFacts, nowEpochSeconds: number): Decision<null, LinkRefusal> {
  if (!facts.secretMatches || !facts.accountActive) return refused({ reason: 'link_unknown' });
  if (facts.used) return refused({ reason: 'link_used' });
  if (!facts.newest) return refused({ reason: 'link_superseded' });
  if (facts.expiresAtEpochSeconds <= nowEpochSeconds) return refused({ reason: 'link_expired' });
  if (facts.leaseUntilEpochSeconds !== undefined && facts.leaseUntilEpochSeconds > nowEpochSeconds) {
    return refused({ reason: 'link_in_use' });
  }
  return granted(null);
}
