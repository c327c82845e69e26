import type { IncomingMessage } from 'node:http';
import { arrayBuffer } from 'node:stream/consumers';
import { JwtRsaVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as v from 'valibot';
import { DAY_SECONDS, epochSeconds, systemClock } from '../clock.ts';
import { type CognitoUser, parseCognitoUser } from '../identity/cognito-user.ts';
import type { BearerRefusal } from '../refusal.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { accessTokenEnd } from '../rules/lifetimes.ts';
import { DEFAULT_QUOTA_PER_HOUR, quotaState } from '../rules/quota.ts';
import type { RoleFacts } from '../rules/rights.ts';
import { endedUpTo, mayUseToken, type TokenUseRefusal } from '../rules/tokens.ts';
import type { EmployeeItem, TenantItem } from '../store/items.ts';
import { countCall } from '../store/quota.ts';
import { readBearer, rolesOf } from '../store/sign-in.ts';
import type { Table } from '../store/table.ts';
import type { BearerActor } from './call.ts';

export type TokenVerifier = {
  readonly verify: (token: string) => Promise<AccessTokenClaims>;
  /** As `verify`, but tokens that have expired pass: for refreshing and ending what they belong to. */
  readonly verifyExpired: TokenVerifier['verify'];
  /** Fetches the keys, so that the first call finds them. `verify` does so for a key that it does not know yet. */
  readonly hydrate: () => Promise<void>;
};

const accessTokenClaims = v.object({
  username: v.string(),
  origin_jti: v.string(),
  auth_time: v.number(),
  iat: v.number(),
  exp: v.number(),
  iss: v.string(),
  sub: v.string(),
});
export type AccessTokenClaims = v.InferOutput<typeof accessTokenClaims>;

const JWKS_TIMEOUT_MILLISECONDS = 3000;
/** Longer than a refresh token lives. */
const LONG_AGO_SECONDS = 400 * DAY_SECONDS;

/** Access tokens of this pool, issued to the client `api`; ID tokens and the gateway's tokens are refused. */
export function tokenVerifier(config: { issuer: string; jwksUri: string; clientId: string }): TokenVerifier {
  const jwksCache = new SimpleJwksCache({ fetcher: { fetch: fetchKeySet } });
  const verifierWith = (graceSeconds: number) =>
    JwtRsaVerifier.create(
      {
        issuer: config.issuer,
        jwksUri: config.jwksUri,
        audience: null, // Cognito's access tokens carry `client_id` instead; it is checked below.
        graceSeconds,
        customJwtCheck: ({ payload }) => {
          if (payload.token_use !== 'access' || payload.client_id !== config.clientId) {
            throw new Error('Not an access token of the API client');
          }
        },
      },
      { jwksCache },
    );
  const verifier = verifierWith(0);
  const lenient = verifierWith(LONG_AGO_SECONDS);
  return {
    verify: async (token) => v.parse(accessTokenClaims, await verifier.verify(token)),
    verifyExpired: async (token) => v.parse(accessTokenClaims, await lenient.verify(token)),
    hydrate: () => verifier.hydrate(),
  };
}

/** Told apart, since the verifier throws for tokens too: AWS being down is no fault of the token. */
class KeySetError extends Error {
  override readonly name = 'KeySetError';
}

function fetchKeySet(uri: string): Promise<ArrayBuffer> {
  return fetchBytes(uri).catch((cause) => {
    throw new KeySetError('', { cause });
  });
}

/**
 * Neither by `fetch` nor by an import of node:http: both load undici, the one at its first use, the other since an
 * ES module reads every export of what it imports. That takes 10 and 35 ms of each cold start (docs/performance.md).
 */
async function fetchBytes(uri: string): Promise<ArrayBuffer> {
  const { get } = process.getBuiltinModule(uri.startsWith('https:') ? 'node:https' : 'node:http');
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(uri, { signal: AbortSignal.timeout(JWKS_TIMEOUT_MILLISECONDS) }, resolve).once('error', reject);
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`Status ${response.statusCode}`);
  }
  return arrayBuffer(response);
}

/** Says who calls, from the Authorization header, or why that is not accepted. */
export type AuthenticateBearer = (
  authorization: string | undefined,
  operationId: string,
) => Promise<Decision<BearerActor, BearerRefusal>>;

/**
 * Tokens that this process found good at their last use. Only their calls are counted while the token is still judged;
 * others wait for the judgement, so that a dead token does not use up the quota of the account's living ones (M18). It
 * costs one round trip more at a process's first sight of a token, and a dead token one count in each process that
 * knew it.
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
  const roles = tenant && employee ? rolesOf(tenant, employee.roleIds) : [];
  const use = mayUseToken({
    account: tenant &&
      employee && {
        userType: employee.userType,
        active: employee.active,
        sso: employee.sso,
        roles,
        tenantActive: tenant.active,
        requireMfa: tenant.requireMfa,
        hasSecondFactor: employee.secondFactorOn !== undefined,
        generation: employee.generation,
        tokensValidAfterEpochSeconds: endedUpTo(tenant, employee),
      },
    familyEnded: family?.ended ?? false,
    tokenGeneration: user.generation,
    authTimeEpochSeconds: claims.auth_time,
  });
  if (!use.ok) return use;
  if (!tenant || !employee) return refused({ reason: 'token_ended' });
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

/**
 * The claims of an access token that this deployment issued; undefined for anything else. A key set that cannot be
 * fetched is a fault, not a refusal.
 */
export async function claimsOf(
  verify: TokenVerifier['verify'],
  token: string,
): Promise<AccessTokenClaims | undefined> {
  try {
    return await verify(token);
  } catch (error) {
    if (error instanceof KeySetError) throw error;
    return undefined;
  }
}
