import type { EmployeeRefusal } from './rules/employee-changes.ts';
import type { GatewayRefusal } from './rules/gateway.ts';
import type { LinkRefusal, PasswordRefusal } from './rules/passwords.ts';
import type { RefreshRefusal } from './rules/refresh.ts';
import type { Right } from './rules/rights.ts';
import type { RoleRefusal } from './rules/roles.ts';
import type { SessionRefusal } from './rules/sessions.ts';
import type { TenantRefusal } from './rules/tenants.ts';
import type { TokenRefusal, TokenUseRefusal } from './rules/tokens.ts';

/** What parsing may refuse on any route that takes input. */
export type InputRefusal =
  /** `problems`: one sentence for each wrong field, the field's name first. */
  | { readonly reason: 'invalid_fields'; readonly problems: readonly string[] }
  | { readonly reason: 'malformed_body'; readonly problem: string }
  | { readonly reason: 'body_too_large'; readonly limitBytes: number }
  | { readonly reason: 'unsupported_media_type'; readonly accepted: readonly string[] }
  | { readonly reason: 'body_not_taken' }
  /** Damaged, or made by another list, order or filter: it would leave records out. */
  | { readonly reason: 'cursor_unusable' }
  | { readonly reason: 'route_unknown' }
  | { readonly reason: 'page_unknown' }
  /** The path is one of ours, with these methods. */
  | { readonly reason: 'method_unknown'; readonly allowed: readonly string[] };

/** What bearer authentication and authorisation may refuse. */
export type BearerRefusal =
  | { readonly reason: 'token_missing' }
  | { readonly reason: 'basic_instead_of_token' }
  | { readonly reason: 'token_invalid' }
  | { readonly reason: 'right_missing'; readonly right: Right }
  /** The token verifies, but what it stands for has ended (M18). */
  | { readonly reason: 'token_dead'; readonly because: TokenUseRefusal['reason'] }
  | { readonly reason: 'quota_exceeded'; readonly limit: number; readonly retryAfterSeconds: number };

/** What sign-in may refuse before any rule is asked. */
export type CredentialRefusal =
  | { readonly reason: 'credentials_missing' }
  | { readonly reason: 'credentials_malformed'; readonly problem: string }
  | { readonly reason: 'credentials_wrong' }
  /** The password was right; the code of the second factor was wrong, or used once already. */
  | { readonly reason: 'mfa_code_wrong' }
  | { readonly reason: 'recovery_code_wrong' }
  | { readonly reason: 'throttled'; readonly retryAfterSeconds: number };

/** What the store may refuse: the named thing is absent, taken, or was changed meanwhile. */
export type StoreRefusal =
  | { readonly reason: 'tenant_unknown' }
  | { readonly reason: 'employee_unknown' }
  | { readonly reason: 'role_unknown' }
  | { readonly reason: 'user_name_taken'; readonly userName: string }
  | { readonly reason: 'company_taken'; readonly tenant: string }
  | { readonly reason: 'company_unusable'; readonly field: 'company' | 'tenant' }
  | { readonly reason: 'role_name_taken'; readonly name: string }
  | { readonly reason: 'changed_meanwhile' }
  /** If-Match names another version than the one that stands (RFC 9110 13.1.1). */
  | { readonly reason: 'stale' }
  /** The Idempotency-Key stands for another request. */
  | { readonly reason: 'idempotency_key_reused' }
  /** The first request with the Idempotency-Key has no answer yet. */
  | { readonly reason: 'request_in_flight' }
  /** A dependency is throttled or down; nothing was changed. */
  | { readonly reason: 'busy'; readonly retryAfterSeconds: number };

/** What an import may refuse. Rows count as a spreadsheet does: the header is row 1. */
export type ImportRefusal =
  | {
      readonly reason: 'import_invalid';
      readonly problems: readonly string[];
      readonly badRows: readonly { readonly row: number; readonly problems: readonly string[] }[];
    }
  /** The import of that id is of another file, or was asked for otherwise. */
  | { readonly reason: 'import_differs' }
  | {
      readonly reason: 'import_stopped';
      readonly done: number;
      readonly rows: number;
      readonly problem: string;
    }
  | { readonly reason: 'import_unknown' };

/** OAuth 2.0 errors that are not about the account (RFC 6749 5.2). */
type GrantRefusal =
  | { readonly reason: 'grant_type_missing'; readonly offered: readonly string[] }
  | {
      readonly reason: 'grant_type_unsupported';
      readonly grantType: string;
      readonly offered: readonly string[];
    }
  /** The password grant's word for `credentials_wrong`: it is the grant that is wrong (RFC 6749 5.2). */
  | { readonly reason: 'grant_credentials_wrong' }
  | { readonly reason: 'refresh_token_missing' }
  | { readonly reason: 'token_of_another' };

/** What the screens may refuse besides. */
type ScreenRefusal =
  | { readonly reason: 'form_not_ours' }
  /** The browser holds one mailed link at a time; the form was made for another. */
  | { readonly reason: 'form_of_another_link' }
  | { readonly reason: 'passwords_differ' }
  | { readonly reason: 'password_unchanged' }
  /** Too long between the password and the code, or the code's page opened without a password. */
  | { readonly reason: 'sign_in_expired' }
  | { readonly reason: 'factor_already_set' }
  | { readonly reason: 'factor_not_set' };

/** Every reason for which this system refuses something; one table turns each into a reply. */
export type Refusal =
  | InputRefusal
  | BearerRefusal
  | CredentialRefusal
  | StoreRefusal
  | ImportRefusal
  | GrantRefusal
  | ScreenRefusal
  | SessionRefusal
  | EmployeeRefusal
  | RoleRefusal
  | TenantRefusal
  | TokenRefusal
  | RefreshRefusal
  | GatewayRefusal
  | PasswordRefusal
  | LinkRefusal
  | { readonly reason: 'mail_address_missing' }
  | { readonly reason: 'manual_password_for_api_employee' }
  /** API Employees have no second factor to reset (M2). */
  | { readonly reason: 'no_factor_for_api_employee' };

export type Reason = Refusal['reason'];
