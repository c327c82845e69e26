/** A user's MFA preference, set by an administrator or by the user, under the same rules. */
import { invalidParameter } from './errors.ts';
import { type Input, optionalBoolean, optionalObject } from './input.ts';
import type { User } from './store.ts';

/** The pool offers SOFTWARE_TOKEN_MFA only (`enabledMfas`). */
const UNAVAILABLE = { SMSMfaSettings: 'SMS', EmailMfaSettings: 'Email' } as const;

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserMFAPreference.html */
export function mfaPreference(user: User, input: Input): User['mfa'] {
  for (const [field, name] of Object.entries(UNAVAILABLE)) {
    const settings = optionalObject(input, field);
    if (settings && (optionalBoolean(settings, 'Enabled') || optionalBoolean(settings, 'PreferredMfa'))) {
      throw invalidParameter(`${name} MFA is not enabled for this user pool`);
    }
  }
  const settings = optionalObject(input, 'SoftwareTokenMfaSettings');
  if (!settings) return user.mfa;
  const enabled = optionalBoolean(settings, 'Enabled') ?? false;
  const preferred = optionalBoolean(settings, 'PreferredMfa') ?? false;
  // Whether it is to be on or off: https://github.com/aws-amplify/amplify-js/issues/944
  if (!user.softwareToken) throw invalidParameter('User has not set up software token mfa');
  if (!user.softwareToken.verified) throw invalidParameter('User has not verified software token mfa');
  if (preferred && !enabled) {
    throw invalidParameter('User has not enabled software token mfa, so it cannot be preferred');
  }
  return { enabled, preferred };
}

export const mfaFields = (user: User) => ({
  ...(user.mfa.enabled ? { UserMFASettingList: ['SOFTWARE_TOKEN_MFA'] } : {}),
  ...(user.mfa.preferred ? { PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA' } : {}),
});
