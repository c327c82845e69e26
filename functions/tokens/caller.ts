import { parseBasic, splitUser } from '../../shared/http/basic.ts';
import { authenticateBearer } from '../../shared/http/bearer.ts';
import { type Credentials, signIn } from '../../shared/identity/sign-in.ts';
import type { BearerRefusal, CredentialRefusal } from '../../shared/refusal.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import type { RoleFacts } from '../../shared/rules/rights.ts';
import { mayIssueTokenWithoutCode, type TokenRefusalWithoutCode } from '../../shared/rules/tokens.ts';
import { type AuditActor, employeeActor, type Origin } from '../../shared/store/audit.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Deps } from './deps.ts';

/** Who calls the endpoints that revoke and introspect. */
export type Caller = {
  readonly tenant: string;
  readonly employeeId: number;
  readonly roles: readonly RoleFacts[];
  readonly actor: AuditActor;
};

/** Recovery codes are for the pages of the gateway alone. */
export type ClientRefusal = Exclude<CredentialRefusal, { reason: 'recovery_code_wrong' }>;

export type Presenting = {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: { readonly client_id?: string | undefined; readonly client_secret?: string | undefined };
  readonly origin: Origin;
  readonly now: Date;
};

/** By HTTP Basic, or in the body (RFC 6749 2.3.1); never both (2.3). */
export function presentedCredentials({
  headers,
  body,
}: Pick<Presenting, 'headers' | 'body'>): Decision<Credentials, ClientRefusal> {
  if (headers.authorization !== undefined) {
    return body.client_secret === undefined
      ? parseBasic(headers.authorization)
      : refused({
          reason: 'credentials_malformed',
          problem: 'they are given twice, in the header and in the body',
        });
  }
  return body.client_id === undefined || body.client_secret === undefined
    ? refused({ reason: 'credentials_missing' })
    : splitUser(body.client_id, body.client_secret);
}

/** A password is checked by the rules of issuing a token (M15), whatever it is presented for. */
export async function authenticateClient(
  { table, pool }: Deps,
  call: Presenting,
): Promise<Decision<Caller, ClientRefusal | TokenRefusalWithoutCode>> {
  const credentials = presentedCredentials(call);
  if (!credentials.ok) return credentials;
  const { origin, now } = call;
  const attempt = { credentials: credentials.value, action: 'client.authenticate', origin, now } as const;
  const signedIn = await signIn(table, pool, attempt, mayIssueTokenWithoutCode);
  if (!signedIn.ok) return signedIn;
  const { tenant, login } = signedIn.value;
  return granted({
    tenant: tenant.tenant,
    employeeId: login.employeeId,
    roles: rolesOf(tenant, login.roleIds),
    actor: employeeActor({ id: login.employeeId, userType: login.userType }),
  });
}

/** By a bearer token, or as a client. */
export async function authenticateCaller(
  deps: Deps,
  call: Presenting,
  operationId: string,
): Promise<Decision<Caller, ClientRefusal | TokenRefusalWithoutCode | BearerRefusal>> {
  const { authorization } = call.headers;
  if (authorization === undefined || !/^\s*bearer(\s|$)/i.test(authorization)) {
    return authenticateClient(deps, call);
  }
  const bearer = await authenticateBearer(deps.table, deps.verifier, authorization, operationId);
  if (!bearer.ok) return bearer;
  const { tenant, employee, roles } = bearer.value;
  return granted({
    tenant: tenant.tenant,
    employeeId: employee.id,
    roles,
    actor: employeeActor(employee),
  });
}
