import * as v from 'valibot';
import { defineRoute } from './route.ts';

/** What forms bring along: any text up to a length, absent as empty; the endpoint says what is missing. */
const typed = (maximum: number) =>
  v.optional(
    v.pipe(v.string('is required'), v.maxLength(maximum, `must be at most ${maximum} characters long`)),
    '',
  );

const form = <const Fields extends v.ObjectEntries>(fields: Fields) => ({
  encodings: ['urlencoded'] as const,
  /** `formToken` is bound to the `__Host-form` cookie (S15). */
  schema: v.strictObject({ ...fields, formToken: typed(256) }),
  limitBytes: 16 * 1024,
});

const screen = { style: 'page', auth: 'public', right: null, reply: v.string() } as const;
const signedIn = { ...screen, auth: 'session' } as const;
const company = typed(256);
const password = typed(1024);
const code = typed(32);
/** As the enrolment page showed it, so that the page can be shown again; the user pool keeps its own. */
const secret = typed(128);

const newPasswordRefusals = [
  'passwords_differ',
  'password_unchanged',
  'password_too_short',
  'password_too_long',
  'password_white_space',
  'password_control_characters',
  'password_common',
  'password_holds_name',
] as const;
const confirmRefusals = ['form_not_ours', 'credentials_wrong', 'throttled'] as const;

export const gatewayScreen = defineRoute({
  ...screen,
  method: 'GET',
  path: '/',
  operationId: 'gatewayScreen',
  summary: 'The gateway: sign in, or reset the password',
  query: v.looseObject({ company }),
  refusals: [],
});

export const gatewaySignIn = defineRoute({
  ...screen,
  method: 'POST',
  path: '/',
  operationId: 'gatewaySignIn',
  summary: 'Sign in at the gateway; API employees have no UI access (M7)',
  body: form({ company, userName: typed(256), password }),
  refusals: [
    ...confirmRefusals,
    'no_ui_access',
    'account_inactive',
    'tenant_suspended',
    'sso_only',
    'mfa_required',
    'mfa_enrollment_required',
  ],
});

export const codeScreen = defineRoute({
  ...screen,
  method: 'GET',
  path: '/sign-in/code',
  operationId: 'codeScreen',
  summary: 'The second step of signing in: the code of the authenticator app',
  refusals: ['sign_in_expired'],
});

export const codeForm = defineRoute({
  ...screen,
  method: 'POST',
  path: '/sign-in/code',
  operationId: 'codeForm',
  summary: 'Sign in with the code',
  body: form({ code }),
  refusals: ['form_not_ours', 'sign_in_expired', 'mfa_code_wrong', 'throttled'],
});

export const recoveryScreen = defineRoute({
  ...screen,
  method: 'GET',
  path: '/sign-in/recovery',
  operationId: 'recoveryScreen',
  summary: 'Without the app: sign in with a recovery code, after the password',
  refusals: ['sign_in_expired'],
});

export const recoveryForm = defineRoute({
  ...screen,
  method: 'POST',
  path: '/sign-in/recovery',
  operationId: 'recoveryForm',
  summary: 'Use a recovery code: it switches the second factor off, and a new one is set up at once',
  body: form({ recoveryCode: typed(64) }),
  refusals: ['form_not_ours', 'sign_in_expired', 'recovery_code_wrong', 'throttled'],
});

export const enrolScreen = defineRoute({
  ...screen,
  method: 'GET',
  path: '/sign-in/second-factor',
  operationId: 'enrolScreen',
  summary: 'Set up a second factor before the first session',
  refusals: ['sign_in_expired'],
});

export const enrolStart = defineRoute({
  ...screen,
  method: 'POST',
  path: '/sign-in/second-factor/start',
  operationId: 'enrolStart',
  summary: 'Show a new key for the authenticator app',
  body: form({ password }),
  refusals: [...confirmRefusals, 'sign_in_expired', 'factor_already_set'],
});

export const enrolConfirm = defineRoute({
  ...screen,
  method: 'POST',
  path: '/sign-in/second-factor',
  operationId: 'enrolConfirm',
  summary: 'Confirm the authenticator app by password and code, and sign in',
  body: form({ password, code, secret }),
  refusals: [
    ...confirmRefusals,
    'sign_in_expired',
    'mfa_code_wrong',
    'factor_already_set',
    'changed_meanwhile',
  ],
});

export const accountScreen = defineRoute({
  ...signedIn,
  method: 'GET',
  path: '/account',
  operationId: 'accountScreen',
  summary: 'Who is signed in, company and roles',
  refusals: [],
});

export const changePasswordScreen = defineRoute({
  ...signedIn,
  method: 'GET',
  path: '/account/password',
  operationId: 'changePasswordScreen',
  summary: 'Change my password',
  refusals: [],
});

export const changePasswordForm = defineRoute({
  ...signedIn,
  method: 'POST',
  path: '/account/password',
  operationId: 'changePasswordForm',
  summary: 'Change my password, by the current one; every other session and every token ends',
  body: form({ current: password, password, confirmation: password }),
  refusals: [...confirmRefusals, ...newPasswordRefusals, 'changed_meanwhile'],
});

export const factorScreen = defineRoute({
  ...signedIn,
  method: 'GET',
  path: '/account/second-factor',
  operationId: 'factorScreen',
  summary: 'My second factor',
  refusals: [],
});

export const factorStart = defineRoute({
  ...signedIn,
  method: 'POST',
  path: '/account/second-factor/start',
  operationId: 'factorStart',
  summary: 'Show a new key for the authenticator app',
  body: form({ password }),
  refusals: [...confirmRefusals, 'factor_already_set'],
});

export const factorConfirm = defineRoute({
  ...signedIn,
  method: 'POST',
  path: '/account/second-factor',
  operationId: 'factorConfirm',
  summary: 'Confirm the authenticator app by password and code; the recovery codes are shown once',
  body: form({ password, code, secret }),
  refusals: [...confirmRefusals, 'mfa_code_wrong', 'factor_already_set', 'changed_meanwhile'],
});

export const factorCodes = defineRoute({
  ...signedIn,
  method: 'POST',
  path: '/account/second-factor/codes',
  operationId: 'factorCodes',
  summary: 'Show new recovery codes once, by password and code; the old ones no longer work',
  body: form({ password, code }),
  refusals: [...confirmRefusals, 'mfa_code_wrong', 'factor_not_set', 'changed_meanwhile'],
});

export const factorRemove = defineRoute({
  ...signedIn,
  method: 'POST',
  path: '/account/second-factor/remove',
  operationId: 'factorRemove',
  summary: 'Remove my second factor, by password and code; every session ends',
  body: form({ password, code }),
  refusals: [...confirmRefusals, 'mfa_code_wrong', 'factor_not_set', 'changed_meanwhile'],
});

export const sessionsScreen = defineRoute({
  ...signedIn,
  method: 'GET',
  path: '/account/sessions',
  operationId: 'sessionsScreen',
  summary: 'My sessions',
  refusals: [],
});

export const endSessionForm = defineRoute({
  ...signedIn,
  method: 'POST',
  path: '/account/sessions',
  operationId: 'endSessionForm',
  summary: 'End one of my sessions, or all but this one',
  body: form({ session: typed(64) }),
  refusals: ['form_not_ours'],
});

export const signOut = defineRoute({
  ...signedIn,
  method: 'POST',
  path: '/sign-out',
  operationId: 'signOut',
  summary: 'Sign out: the session ends here and now',
  body: form({}),
  refusals: ['form_not_ours'],
});

export const gatewayRoutes = [
  gatewayScreen,
  gatewaySignIn,
  codeScreen,
  codeForm,
  recoveryScreen,
  recoveryForm,
  enrolScreen,
  enrolStart,
  enrolConfirm,
  accountScreen,
  changePasswordScreen,
  changePasswordForm,
  factorScreen,
  factorStart,
  factorConfirm,
  factorCodes,
  factorRemove,
  sessionsScreen,
  endSessionForm,
  signOut,
];
