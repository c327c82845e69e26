import { epochSeconds, systemClock } from '../clock.ts';
import { type CognitoUser, parseCognitoUser } from '../identity/cognito-user.ts';
import type { BearerRefusal } from '../refusal.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { accessTokenEnd } from '../rules/lifetimes.ts';
import { DEFAULT_QUOTA_PER_HOUR, quotaState } from '../rules/quota.ts';
import type { RoleFacts } from '../rules/rights.ts';
import { mayUseToken, type TokenUseRefusal } from '../rules/tokens.ts';
import type { EmployeeItem, TenantItem } from '../store/items.ts';
import { countCall } from '../store/quota.ts';
import { accountStanding, readBearer, rolesOf } from '../store/sign-in.ts';
import type { Table } from '../store/table.ts';
import type { BearerActor } from './call.ts';
import { type AccessTokenClaims, claimsOf, type TokenVerifier } from './token-verifier.ts';

/** Says who calls, from the Authorization header, or why that is not accepted. */
export type AuthenticateBearer = (
  authorization: string | undefined,
  operationId: string,
) => Promise<Decision<BearerActor, BearerRefusal>>;

/**
 * Tokens that were good when this process last saw them. Their calls are counted while the token is checked; a call with
 * any other token is counted only after the check, so that dead tokens do not use up the account's quota (M18). So a
 * process's first call with a token takes one round trip more, and a token that died since is counted once more.
 */
const goodLately = {
  tokens: new Set<string>(),
  has: (claims: AccessTokenClaims) => goodLately.tokens.has(tokenName(claims)),
  note(claims: AccessTokenClaims, good: boolean): void {
    if (!good) goodLately.tokens.delete(tokenName(claims));
    else if (goodLately.tokens.size < MOST_TOKENS_KNOWN) goodLately.tokens.add(tokenName(claims));
    else goodLately.tokens = new Set([tokenName(claims)]);
  },
};
/** Some 100 KB. */
const MOST_TOKENS_KNOWN = 1000;
/** A sign-in's tokens end one by one, too. */
const tokenName = ({ origin_jti, exp }: AccessTokenClaims) => `${origin_jti} ${exp}`;

/** Who calls, loaded afresh (M18). The call counts against the quota of this operation. */
export async function authenticateBearer(
  table: Table,
  verifier: TokenVerifier,
  authorization: string | undefined,
  operationId: string,
): Promise<Decision<BearerActor, BearerRefusal>> {
  if (authorization === undefined) return refused({ reason: 'token_missing' });
  const [scheme = '', token = '', ...rest] = authorization.trim().split(/ +/);
  if (scheme.toLowerCase() === 'basic') return refused({ reason: 'basic_instead_of_token' });
  if (scheme.toLowerCase() !== 'bearer' || token === '') return refused({ reason: 'token_missing' });
  if (rest.length > 0) return refused({ reason: 'token_invalid' });
  const claims = await claimsOf(verifier.verify, token);
  const user = claims && parseCognitoUser(claims.username);
  if (!claims || !user) return refused({ reason: 'token_invalid' });
  const now = systemClock();
  const counted = { tenant: user.tenant, employeeId: user.employeeId, operationId };
  const wasGood = goodLately.has(claims);
  const [use, early] = await Promise.all([
    loadTokenUse(table, claims, user),
    wasGood ? countCall(table, counted, now) : undefined,
  ]);
  goodLately.note(claims, use.ok && !use.value.outlived);
  if (!use.ok) return refused({ reason: 'token_dead', because: use.refusal.reason });
  const { tenant, employee, roles, outlived } = use.value;
  if (outlived) return refused({ reason: 'token_invalid' });
  const calls = wasGood ? early : await countCall(table, counted, now);
  const limit = tenant.quotaPerHour ?? DEFAULT_QUOTA_PER_HOUR;
  const quota = calls === undefined ? undefined : quotaState(calls, limit, epochSeconds(now));
  if (quota?.exceeded) {
    return refused({ reason: 'quota_exceeded', limit, retryAfterSeconds: quota.resetSeconds });
  }
  return granted({
    kind: 'employee',
    tenant,
    employee,
    roles,
    facts: { kind: 'employee', id: employee.id, userType: employee.userType, roles },
    quota,
  });
}

type TokenUse = {
  readonly tenant: TenantItem;
  readonly employee: EmployeeItem;
  readonly roles: readonly RoleFacts[];
  /** Past the lifetime that the company sets for access tokens. */
  readonly outlived: boolean;
};

/** The account behind a token that verifies, loaded afresh, if the token still counts (M18). */
export async function loadTokenUse(
  table: Table,
  claims: Pick<AccessTokenClaims, 'origin_jti' | 'auth_time'> &
    Partial<Pick<AccessTokenClaims, 'iat' | 'exp'>>,
  user: CognitoUser,
): Promise<Decision<TokenUse, TokenUseRefusal>> {
  const { tenant, employee, family } = await readBearer(
    table,
    user.tenant,
    user.employeeId,
    claims.origin_jti,
  );
  const use = mayUseToken({
    account: tenant && employee && accountStanding(tenant, employee),
    familyEnded: family?.ended ?? false,
    tokenGeneration: user.generation,
    authTimeEpochSeconds: claims.auth_time,
  });
  if (!use.ok) return use;
  if (!tenant || !employee) return refused({ reason: 'token_ended' });
  const roles = rolesOf(tenant, employee.roleIds);
  return granted({ tenant, employee, roles, outlived: isOutlived(tenant, claims) });
}

/** A company may set shorter lifetimes than the app client has, which is one for all companies. */
function isOutlived(
  tenant: TenantItem,
  {
    iat,
    auth_time,
    exp,
  }: Pick<AccessTokenClaims, 'auth_time'> & Partial<Pick<AccessTokenClaims, 'iat' | 'exp'>>,
): boolean {
  if (iat === undefined || exp === undefined) return false; // No access token, but a sign-in that is refreshed.

  const times = {
    issuedAtEpochSeconds: iat,
    authTimeEpochSeconds: auth_time,
    expiresAtEpochSeconds: exp,
  };
  return epochSeconds(systemClock()) >= accessTokenEnd(tenant, times);
}
