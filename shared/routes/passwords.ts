import * as v from 'valibot';
import { ofEmployee } from './fields.ts';
import { defineRoute } from './route.ts';

const typed = (maximum: number) =>
  v.pipe(v.string('must be text'), v.maxLength(maximum, `must be at most ${maximum} characters long`));

const company = v.optional(typed(256), '');
const html = v.string();
/** Bound to the `__Host-form` cookie (S15). */
const formToken = v.optional(typed(256), '');
const screen = { style: 'page', auth: 'public', right: null, reply: html } as const;
const FORM_LIMIT_BYTES = 16 * 1024;

export const requestPasswordReset = defineRoute({
  method: 'POST',
  path: '/v2/security/passwordreset',
  operationId: 'requestPasswordReset',
  summary:
    'Ask for a link to create a new password; the answer is the same whether the account exists or not',
  auth: 'public',
  right: null,
  style: 'v2',
  body: {
    encodings: ['json', 'urlencoded', 'multipart'],
    schema: v.strictObject({
      Tenant: v.pipe(typed(256), v.nonEmpty('is required')),
      UserName: v.pipe(typed(256), v.nonEmpty('is required')),
    }),
    limitBytes: FORM_LIMIT_BYTES,
  },
  reply: v.object({ message: v.string() }),
  refusals: [],
});

export const setPassword = defineRoute({
  method: 'PUT',
  path: '/v2/hr/employees/{id}/password',
  operationId: 'setPassword',
  summary: 'Set a password by hand; refused for API employees, whose password only its owner picks (M6)',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  ...ofEmployee,
  conditional: true,
  body: { encodings: ['json'], schema: v.strictObject({ password: v.string('must be text') }) },
  reply: v.object({ id: v.number() }),
  refusals: [
    'employee_unknown',
    'manual_password_for_api_employee',
    'account_inactive',
    'beyond_own_rights',
    'password_too_short',
    'password_too_long',
    'password_white_space',
    'password_control_characters',
    'password_common',
    'password_holds_name',
    'stale',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const resetFactor = defineRoute({
  method: 'POST',
  path: '/v2/hr/employees/{id}/resetfactor',
  operationId: 'resetFactor',
  etag: true,
  summary: 'Reset a lost second factor; it is set up anew at the next sign-in where the company requires one',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  ...ofEmployee,
  conditional: true,
  reply: v.object({ id: v.number() }),
  refusals: [
    'employee_unknown',
    'no_factor_for_api_employee',
    'account_inactive',
    'beyond_own_rights',
    'stale',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const resetScreen = defineRoute({
  ...screen,
  method: 'GET',
  path: '/password/reset',
  operationId: 'resetScreen',
  summary: 'The screen that asks for the user name to mail a link to',
  query: v.looseObject({ company }),
  refusals: [],
});

export const resetForm = defineRoute({
  ...screen,
  method: 'POST',
  path: '/password/reset',
  operationId: 'resetForm',
  summary: 'Ask for a link from the screen; the same page whether the account exists or not',
  body: {
    encodings: ['urlencoded'],
    schema: v.strictObject({
      company,
      userName: v.optional(typed(256), ''),
      /** The gateway's *Reset password* button sends the gateway's form; the password in it is not looked at. */
      password: v.optional(typed(1024), ''),
      formToken,
    }),
    limitBytes: FORM_LIMIT_BYTES,
  },
  refusals: ['form_not_ours'],
});

export const newPasswordScreen = defineRoute({
  ...screen,
  method: 'GET',
  path: '/password/new',
  operationId: 'newPasswordScreen',
  summary: 'The screen that a mailed link opens; opening it consumes nothing (S4)',
  query: v.looseObject({ link: v.optional(typed(256)) }),
  refusals: ['link_unknown', 'link_used', 'link_expired', 'link_superseded', 'link_in_use'],
});

export const newPasswordForm = defineRoute({
  ...screen,
  method: 'POST',
  path: '/password/new',
  operationId: 'newPasswordForm',
  summary: 'Create the password: the only step that redeems the link',
  body: {
    encodings: ['urlencoded'],
    schema: v.strictObject({
      password: v.optional(typed(1024), ''),
      confirmation: v.optional(typed(1024), ''),
      formToken,
    }),
    limitBytes: FORM_LIMIT_BYTES,
  },
  refusals: [
    'form_of_another_link',
    'passwords_differ',
    'password_too_short',
    'password_too_long',
    'password_white_space',
    'password_control_characters',
    'password_common',
    'password_holds_name',
    'link_unknown',
    'link_used',
    'link_expired',
    'link_superseded',
    'link_in_use',
  ],
});

export const stylesheet = defineRoute({
  ...screen,
  method: 'GET',
  path: '/style.css',
  operationId: 'stylesheet',
  summary: 'The look of the screens',
  mediaType: 'text/css',
  refusals: [],
});

export const passwordRoutes = [
  requestPasswordReset,
  setPassword,
  resetFactor,
  resetScreen,
  resetForm,
  newPasswordScreen,
  newPasswordForm,
  stylesheet,
];
