import type { IncomingMessage } from 'node:http';
import { arrayBuffer } from 'node:stream/consumers';
import { JwtRsaVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as v from 'valibot';
import { DAY_SECONDS } from '../clock.ts';
import type { SignInClaims } from '../identity/sign-in-claims.ts';
import { parseShape } from '../shape.ts';

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
  sign_in_id: v.optional(v.string()),
  signed_in_at: v.optional(v.pipe(v.string(), v.digits(), v.transform(Number))),
});
/** Of a refreshed token, `origin_jti` and `auth_time` are those of its sign-in, whatever Cognito made of its own. */
export type AccessTokenClaims = Omit<v.InferOutput<typeof accessTokenClaims>, keyof SignInClaims>;

function claimsIn(payload: unknown): AccessTokenClaims {
  const { sign_in_id, signed_in_at, ...claims } = parseShape(accessTokenClaims, payload);
  return {
    ...claims,
    origin_jti: sign_in_id ?? claims.origin_jti,
    auth_time: signed_in_at ?? claims.auth_time,
  };
}

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
    verify: async (token) => claimsIn(await verifier.verify(token)),
    verifyExpired: async (token) => claimsIn(await lenient.verify(token)),
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
 * Over a connection of its own: a kept one would long be closed by the time there is a new key.
 */
async function fetchBytes(uri: string): Promise<ArrayBuffer> {
  const { get } = process.getBuiltinModule(uri.startsWith('https:') ? 'node:https' : 'node:http');
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = { agent: false, signal: AbortSignal.timeout(JWKS_TIMEOUT_MILLISECONDS) };
    get(uri, options, resolve).once('error', reject);
  });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`Status ${response.statusCode}`);
  }
  return arrayBuffer(response);
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
