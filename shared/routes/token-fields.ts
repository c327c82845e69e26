import * as v from 'valibot';

/** What the token routes share. Every message completes the sentence "<field> …". */

export const text = (maximum: number) =>
  v.pipe(
    v.string('must be given once, as text'),
    v.maxLength(maximum, `must be at most ${maximum} characters long`),
  );

/** Cognito's has some 1,800 characters; ours adds where it belongs. */
export const REFRESH_TOKEN_MAX_LENGTH = 4096;
export const ACCESS_TOKEN_MAX_LENGTH = 4096;

/** Refusals of sign-in, the same at every endpoint that issues tokens (M15). */
export const signInRefusals = [
  'credentials_wrong',
  'throttled',
  'tenant_suspended',
  'account_inactive',
  'no_role',
  'role_without_api_access',
  'mfa_required',
] as const;
