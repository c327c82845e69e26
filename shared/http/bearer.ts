import type { IncomingMessage } from 'node:http';
import { arrayBuffer } from 'node:stream/consumers';
import { JwtRsaVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as v from 'valibot';
import { parseCognitoUser } from '../identity/cognito-user.ts';
import type { BearerRefusal } from '../refusal.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { hasRight, type Right } from '../rules/rights.ts';
import { mayUseToken } from '../rules/tokens.ts';
import { readBearer, rolesOf } from '../store/sign-in.ts';
import type { Table } from '../store/table.ts';
import type { BearerActor } from './call.ts';

export type TokenVerifier = {
  verify(token: string): Promise<AccessTokenClaims>;
  /** Fetches the keys, so that the first call finds them. */
  hydrate(): Promise<void>;
};

const accessTokenClaims = v.object({
  username: v.string(),
  origin_jti: v.string(),
  auth_time: v.number(),
  exp: v.number(),
});
type AccessTokenClaims = v.InferOutput<typeof accessTokenClaims>;

const JWKS_TIMEOUT_MILLISECONDS = 3000;

/** Access tokens of this pool, issued to the client `api`; ID tokens and the gateway's tokens are refused. */
export function tokenVerifier(config: { issuer: string; jwksUri: string; clientId: string }): TokenVerifier {
  const verifier = JwtRsaVerifier.create(
    {
      issuer: config.issuer,
      jwksUri: config.jwksUri,
      audience: null, // Cognito's access tokens carry `client_id` instead; it is checked below.
      customJwtCheck: ({ payload }) => {
        if (payload.token_use !== 'access' || payload.client_id !== config.clientId) {
          throw new Error('Not an access token of the API client');
        }
      },
    },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchBytes } }) },
  );
  return {
    verify: async (token) => v.parse(accessTokenClaims, await verifier.verify(token)),
    hydrate: () => verifier.hydrate(),
  };
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
    throw new Error(`The key set answered ${response.statusCode}`);
  }
  return arrayBuffer(response);
}

/** Says who calls, from the Authorization header, or why that is not accepted. */
export type AuthenticateBearer = (
  authorization: string | undefined,
  right: Right | null,
) => Promise<Decision<BearerActor, BearerRefusal>>;

/** Who calls, loaded afresh (M18), and whether the route's right is held. */
export async function authenticateBearer(
  table: Table,
  verifier: TokenVerifier,
  authorization: string | undefined,
  right: Right | null,
): Promise<Decision<BearerActor, BearerRefusal>> {
  if (authorization === undefined) return refused({ reason: 'token_missing' });
  const [scheme = '', token = '', ...rest] = authorization.trim().split(/ +/);
  if (scheme.toLowerCase() === 'basic') return refused({ reason: 'basic_instead_of_token' });
  if (scheme.toLowerCase() !== 'bearer' || token === '') return refused({ reason: 'token_missing' });
  if (rest.length > 0) return refused({ reason: 'token_invalid' });
  const claims = await verified(verifier, token);
  const user = claims && parseCognitoUser(claims.username);
  if (!claims || !user) return refused({ reason: 'token_invalid' });
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
        active: employee.active,
        roles,
        tenantActive: tenant.active,
        generation: employee.generation,
        tokensValidAfterEpochSeconds: employee.tokensValidAfter,
      },
    familyEnded: family?.ended ?? false,
    tokenGeneration: user.generation,
    authTimeEpochSeconds: claims.auth_time,
  });
  if (!use.ok) return refused({ reason: 'token_dead', because: use.refusal.reason });
  if (!tenant || !employee) return refused({ reason: 'token_invalid' });
  if (right !== null && !hasRight(roles, right)) return refused({ reason: 'right_missing', right });
  return granted({
    kind: 'employee',
    tenant,
    employee,
    roles,
    facts: { kind: 'employee', id: employee.id, userType: employee.userType, roles },
  });
}

/** Undefined for a token that does not verify; a key set that cannot be fetched is a fault, not a refusal. */
async function verified(verifier: TokenVerifier, token: string): Promise<AccessTokenClaims | undefined> {
  await verifier.hydrate();
  try {
    return await verifier.verify(token);
  } catch {
    return undefined;
  }
}
