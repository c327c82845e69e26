import type { Reason, Refusal } from '../refusal.ts';
import type { TokenUseRefusal } from '../rules/tokens.ts';
import { importRefusals } from './import-refusals.ts';
import type { RefusalReply } from './refusal-reply.ts';

type Teller<R extends Reason> = (refusal: Extract<Refusal, { reason: R }>) => RefusalReply;

/** M12, word for word. */
export const EXTERNAL_ROLE_MESSAGE = 'Error! Cannot add external roles to internal users.';

const tell =
  (status: number, message: string, oauth: RefusalReply['oauth'] = 'invalid_request') =>
  (): RefusalReply => ({ status, message, oauth });

/** About one field: what is wrong with it, as a form would show it beside the field. */
const tellField = (status: number, message: string, problem: string) => (): RefusalReply => ({
  status,
  message,
  subErrors: [problem],
  oauth: 'invalid_request',
});

const sendGrant = (offered: readonly string[]) =>
  `Send ${offered.map((grant) => `grant_type=${grant}`).join(' or ')}.`;

const list = (names: readonly string[]) => names.join(', ');

const ENDED: Readonly<Record<TokenUseRefusal['reason'], string>> = {
  token_ended:
    'it was ended by a new password, a second factor, a revocation, a sign-out, a refresh token that was used twice, a deactivation or a suspension of the company. Fetch a new one',
  tenant_suspended: 'the company is suspended',
  account_inactive: 'the account is inactive',
  no_role: 'the account has no active security role',
  role_without_api_access: 'no security role of the account has API Access',
  sso_only: 'the account signs in by SSO now',
  mfa_required: 'the company asks for a second factor now, and the account has none',
};

/** One table turns every refusal into its reply; the compiler asks for each reason, and docs/api.md lists them all. */
export const refusalReplies: { readonly [R in Reason]: Teller<R> } = {
  invalid_fields: ({ problems }) => ({
    status: 400,
    message: 'Some fields are wrong; correct those listed and send again.',
    subErrors: problems,
    oauth: 'invalid_request',
  }),
  malformed_body: ({ problem }) => ({
    status: 400,
    message: `The body cannot be read: ${problem}.`,
    oauth: 'invalid_request',
  }),
  body_too_large: ({ limitBytes }) => ({
    status: 413,
    message: `The body is larger than this call accepts (${limitBytes} bytes).`,
    oauth: 'invalid_request',
  }),
  unsupported_media_type: ({ accepted }) => ({
    status: 415,
    message: `Send the body as ${accepted.join(' or ')}, in UTF-8 and not compressed.`,
    oauth: 'invalid_request',
  }),
  body_not_taken: tell(400, 'This call takes no body. Leave it out: nothing in it would count.'),
  cursor_unusable: tell(
    400,
    'The cursor is of no list with this order and these filters. Begin again without it, or repeat the query that gave it.',
  ),
  route_unknown: tell(404, 'There is no such call. GET /openapi.json lists all calls.'),
  page_unknown: tell(404, 'There is no such page.'),
  method_unknown: ({ allowed }) => ({
    status: 405,
    message: `This address takes ${list(allowed)} only. GET /openapi.json lists all calls.`,
    oauth: 'invalid_request',
  }),

  token_missing: tell(401, 'Send an access token: Authorization: Bearer <token>.', 'invalid_token'),
  basic_instead_of_token: tell(
    401,
    'This call takes no user name and password. Fetch a token at POST /oauth2/token with them, then send Authorization: Bearer <token>.',
    'invalid_token',
  ),
  token_invalid: tell(401, 'The access token is not valid or has expired. Fetch a new one.', 'invalid_token'),
  token_dead: ({ because }) => ({
    status: 401,
    message: `The access token no longer counts: ${ENDED[because]}.`,
    oauth: 'invalid_token',
  }),
  quota_exceeded: ({ limit, retryAfterSeconds }) => ({
    status: 429,
    message: `This account has made its ${limit} calls of this hour to this endpoint. Try again in ${retryAfterSeconds} seconds.`,
    retryAfterSeconds,
    oauth: 'temporarily_unavailable',
  }),
  right_missing: ({ right }) => ({
    status: 403,
    message: `This call needs the right to ${right.action} in ${right.module}. An admin grants it in Admin > Security > Roles.`,
    oauth: 'insufficient_scope',
  }),

  credentials_missing: tell(
    401,
    'Send the user name and the password by HTTP Basic; the user name is made of company, a backslash, user name.',
    'invalid_client',
  ),
  credentials_malformed: ({ problem }) => ({
    status: 401,
    message: `The credentials cannot be read: ${problem}.`,
    oauth: 'invalid_client',
  }),
  credentials_wrong: tell(401, 'The company, the user name or the password is wrong.', 'invalid_client'),
  mfa_code_wrong: tell(
    401,
    'The code is wrong, or was used before. Wait for the next one in the authenticator app.',
    'invalid_client',
  ),
  recovery_code_wrong: tell(401, 'The recovery code is wrong, or was used before.', 'invalid_client'),
  throttled: ({ retryAfterSeconds }) => ({
    status: 429,
    message: `Too many attempts. Try again in ${retryAfterSeconds} seconds.`,
    retryAfterSeconds,
    oauth: 'temporarily_unavailable',
  }),

  tenant_unknown: tell(404, 'There is no such tenant.'),
  employee_unknown: tell(404, 'There is no such employee in this company.'),
  role_unknown: tell(404, 'There is no such security role in this company.'),
  user_name_taken: ({ userName }) => ({
    status: 409,
    message: `The user name ${userName} is taken; letter case and other encodings of the same letters make no difference.`,
    subErrors: ['userName is taken'],
    oauth: 'invalid_request',
  }),
  company_taken: ({ tenant }) => ({
    status: 409,
    message: `A tenant with the sign-in name ${tenant} exists. Give another one in the field tenant.`,
    subErrors: ['tenant is taken'],
    oauth: 'invalid_request',
  }),
  company_unusable: ({ field }) => ({
    status: 400,
    message: `A sign-in name needs a letter or digit, and ${field} holds none. Give one in the field tenant.`,
    subErrors: [`${field} holds no letter or digit`],
    oauth: 'invalid_request',
  }),
  role_name_taken: ({ name }) => ({
    status: 409,
    message: `A security role named ${name} exists.`,
    subErrors: ['name is taken'],
    oauth: 'invalid_request',
  }),
  changed_meanwhile: tell(
    409,
    'The record was changed by somebody else meanwhile. Read it again and repeat.',
  ),
  stale: tell(
    412,
    'The record was changed since you read it (If-Match). Read it again and repeat with its new ETag.',
  ),
  idempotency_key_reused: tell(
    422,
    'This Idempotency-Key was used for another request. Take a new key for each request.',
  ),
  request_in_flight: tell(
    409,
    'The first request with this Idempotency-Key is still at work. Repeat it in a moment, with the same key.',
  ),
  busy: ({ retryAfterSeconds }) => ({
    status: 503,
    message: 'The service is busy. Try again shortly.',
    retryAfterSeconds,
    oauth: 'temporarily_unavailable',
  }),

  ...importRefusals,

  grant_type_missing: ({ offered }) => ({
    status: 400,
    message: sendGrant(offered),
    oauth: 'invalid_request',
  }),
  grant_type_unsupported: ({ grantType, offered }) => ({
    status: 400,
    message: `The grant type ${grantType.slice(0, 64)} is not offered. ${sendGrant(offered)}`,
    oauth: 'unsupported_grant_type',
  }),

  grant_credentials_wrong: tell(400, 'The company, the user name or the password is wrong.', 'invalid_grant'),
  refresh_token_missing: tell(400, 'Send the refresh token in refresh_token.'),
  refresh_token_invalid: tell(
    401,
    'The refresh token is not valid, has expired, or was ended. Sign in again.',
    'invalid_grant',
  ),
  refresh_token_used: tell(
    401,
    'The refresh token was used before, so all tokens of its sign-in were ended. Sign in again, and keep the newest refresh token.',
    'invalid_grant',
  ),
  token_of_another: tell(
    403,
    'The token belongs to another account. Ending it needs the right to modify in security.',
    'unauthorized_client',
  ),

  form_not_ours: tell(
    403,
    'The form did not come from this page, or the page was open too long. Send it again.',
  ),
  form_of_another_link: tell(
    403,
    'No password was set: another link was opened in this browser since, or the form did not come from this page. Open the link in the mail again.',
  ),
  passwords_differ: tell(400, 'The two passwords differ.'),
  password_unchanged: tell(422, 'The new password is the old one. Pick another.'),
  sign_in_expired: tell(401, 'This sign-in took too long, or was ended. Enter the password again.'),
  factor_already_set: tell(409, 'The account has a second factor. Remove it first to set up another.'),
  factor_not_set: tell(409, 'The account has no second factor.'),
  no_factor_for_api_employee: tell(422, 'An API Employee has no second factor.'),
  session_missing: tell(401, 'You are not signed in.'),
  session_ended: tell(401, 'You are signed out: the session has ended. Sign in again.'),

  user_type_final: tellField(
    422,
    'The user type of an API Employee cannot be edited.',
    'userType cannot be changed',
  ),
  conversion_to_api_employee: ({ from }) => ({
    status: 422,
    message: `An existing ${from} cannot become an API Employee. Create a new API Employee instead.`,
    subErrors: ['userType cannot become API Employee'],
    oauth: 'invalid_request',
  }),
  licences_exhausted: ({ total, used }) => ({
    status: 409,
    message: `All licences are in use (${used} of ${total}). Deactivate an employee or have the licence count raised; API Employees need none.`,
    oauth: 'invalid_request',
  }),
  external_role_on_internal_user: ({ roles }) => ({
    status: 422,
    message: EXTERNAL_ROLE_MESSAGE,
    subErrors: [`securityRoleIds names external roles: ${list(roles)}`],
    oauth: 'invalid_request',
  }),
  role_held_by_internal_users: ({ holders }) => ({
    status: 422,
    message: EXTERNAL_ROLE_MESSAGE,
    subErrors: [`isExternal cannot be turned on while internal users hold the role (${holders})`],
    oauth: 'invalid_request',
  }),
  last_administrator: tell(
    422,
    'This is the last active Administrator of the company who can sign in and be mailed. Make somebody else Administrator first.',
  ),
  own_roles: tell(403, 'An API Employee cannot change its own security roles.'),
  own_identity: tell(
    403,
    'An API Employee cannot change its own user name or e-mail address. Have somebody else change it.',
  ),
  beyond_own_rights: ({ roles }) => ({
    status: 403,
    message: `This reaches beyond your own rights (${list(roles)}). Ask an Administrator.`,
    oauth: 'unauthorized_client',
  }),
  system_role_fixed: ({ fields }) => ({
    status: 422,
    message: `Built-in roles keep their ${list(fields)}.`,
    subErrors: fields.map((field) => `${field} cannot be changed on a built-in role`),
    oauth: 'invalid_request',
  }),
  administrator_fixed: ({ fields }) => ({
    status: 422,
    message: 'The Administrator role always has every right and API Access; it cannot be edited.',
    subErrors: fields.map((field) => `${field} cannot be changed on Administrator`),
    oauth: 'invalid_request',
  }),

  licences_below_use: ({ asked, used }) => ({
    status: 409,
    message: `${used} licences are in use: the count cannot be ${asked}. Have employees deactivated first.`,
    subErrors: [`licences must be at least ${used}`],
    oauth: 'invalid_request',
  }),
  tenant_not_suspended: tell(
    409,
    'The tenant is active. Suspend it first; only a suspended one can be deleted.',
  ),
  tenant_name_not_repeated: ({ tenant }) => ({
    status: 422,
    message: `To delete this tenant, repeat its sign-in name: Confirm=${tenant}.`,
    oauth: 'invalid_request',
  }),
  tenant_being_deleted: tell(
    409,
    'The tenant is being deleted; there is no way back. Repeat DELETE until it is done.',
  ),
  system_role_stays: tell(
    422,
    'Built-in roles cannot be deleted; all but Administrator can be set inactive.',
  ),
  role_in_use: ({ holders }) => ({
    status: 409,
    message: `The security role is in use: ${holders} ${holders === 1 ? 'employee holds' : 'employees hold'} it, inactive ones counted. Take it from them in HR > Employees first.`,
    oauth: 'invalid_request',
  }),
  roles_exhausted: ({ limit }) => ({
    status: 409,
    message: `A company has at most ${limit} security roles. Delete one that nobody holds first.`,
    oauth: 'invalid_request',
  }),

  tenant_suspended: tell(403, 'The company is suspended. Contact your provider.', 'unauthorized_client'),
  account_inactive: tell(
    403,
    'The account is inactive. An admin activates it in HR > Employees.',
    'unauthorized_client',
  ),
  no_role: tell(
    403,
    'The account has no active security role. An admin assigns one with API Access in HR > Employees.',
    'unauthorized_client',
  ),
  role_without_api_access: ({ roles }) => ({
    status: 403,
    message: `No security role of the account has API Access (${list(roles)}). An admin enables it in Admin > Security > Roles.`,
    oauth: 'unauthorized_client',
  }),
  mfa_required: tell(
    403,
    'The account needs a second factor, and this request brought none. POST /v2/security/authenticate takes its code in MFACode. Use an API Employee for software.',
    'unauthorized_client',
  ),
  mfa_enrollment_required: ({ address }) => ({
    status: 403,
    message: `The account needs a second factor, and none is set up. Sign in at ${address ?? 'the gateway'} to set it up.`,
    oauth: 'unauthorized_client',
  }),
  sso_only: tell(
    403,
    "This account signs in through the company's single sign-on: start at the company's sign-in portal. Its password opens nothing here.",
    'unauthorized_client',
  ),
  no_ui_access: tell(
    403,
    'API employees have no access to the user interface. Only the password can be reset here.',
  ),

  mail_address_missing: tellField(
    422,
    'The account has no e-mail address to send instructions to. Enter one in HR > Employees first.',
    'emailAddress is needed to send instructions',
  ),
  manual_password_for_api_employee: tell(
    422,
    'The password of an API Employee cannot be set by hand. Use Reset and send instructions.',
  ),

  password_too_short: ({ minimum, length }) => ({
    status: 422,
    message: `The password has ${length} characters; at least ${minimum} are needed. Four or five random words do well.`,
    subErrors: [`password must be at least ${minimum} characters long`],
    oauth: 'invalid_request',
  }),
  password_too_long: ({ maximum, length }) => ({
    status: 422,
    message: `The password has ${length} characters; at most ${maximum} are possible.`,
    subErrors: [`password must be at most ${maximum} characters long`],
    oauth: 'invalid_request',
  }),
  password_white_space: tellField(
    422,
    'The password must not begin or end with white space.',
    'password must not begin or end with white space',
  ),
  password_control_characters: tellField(
    422,
    'The password must not hold control characters or line breaks.',
    'password must not hold control characters',
  ),
  password_common: tellField(
    422,
    'The password is made of words that everybody guesses first. Pick others.',
    'password is made of words that everybody guesses first',
  ),
  password_holds_name: ({ name }) => ({
    status: 422,
    message: `The password must not hold the name ${name}.`,
    subErrors: [`password must not hold the name ${name}`],
    oauth: 'invalid_request',
  }),

  link_unknown: tell(404, 'This link is not valid. Ask for a new one.'),
  link_used: tell(
    410,
    'This link was already used. Ask for a new one if you need to change the password again.',
  ),
  link_expired: tell(410, 'This link has expired. Ask for a new one.'),
  link_superseded: tell(
    410,
    'A newer link was sent since. Use the one in the newest mail, or ask for another.',
  ),
  link_in_use: tell(409, 'This link is being used at this very moment. Wait a minute and try again.'),
};

export function tellRefusal(refusal: Refusal): RefusalReply {
  // The table holds for each reason the teller of that reason: what its type says, the index cannot.
  return (refusalReplies[refusal.reason] as (refusal: Refusal) => RefusalReply)(refusal);
}
