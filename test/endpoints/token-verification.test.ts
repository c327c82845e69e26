import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';
import { authenticateBearer } from '../../shared/http/bearer.ts';
import { type TokenVerifier, tokenVerifier } from '../../shared/http/token-verifier.ts';
import { openTable } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';

const ISSUER = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_test';
const CLIENT = 'the-api-client';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

let server: Server;
let config: Parameters<typeof tokenVerifier>[0];
let verifier: TokenVerifier;
let fetches = 0;
/** Connections that were opened. */
const sockets: Socket[] = [];
let keySetIsUp = true;
beforeAll(async () => {
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  server = createServer((_, response) => {
    fetches += 1;
    response.statusCode = keySetIsUp ? 200 : 500;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  server.on('connection', (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  config = { issuer: ISSUER, jwksUri, clientId: CLIENT };
  verifier = tokenVerifier(config);
});
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));

const now = () => Math.floor(Date.now() / 1000);
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

function claims(changes: Record<string, unknown>) {
  return {
    iss: ISSUER,
    client_id: CLIENT,
    token_use: 'access',
    username: 'acme.1.a00000000000000000000',
    origin_jti: 'origin',
    sub: 'sub',
    auth_time: now(),
    iat: now(),
    exp: now() + 3600,
    ...changes,
  };
}

function signed(
  changes: Record<string, unknown>,
  header: Record<string, unknown> = {},
  key: KeyObject = pair.privateKey,
): string {
  const data = `${encode({ alg: 'RS256', kid: 'one', ...header })}.${encode(claims(changes))}`;
  return `${data}.${sign('RSA-SHA256', Buffer.from(data), key).toString('base64url')}`;
}

/** The public key taken for a shared secret. */
function mixedUp(): string {
  const data = `${encode({ alg: 'HS256', kid: 'one' })}.${encode(claims({}))}`;
  return `${data}.${createHmac('sha256', publicPem).update(data).digest('base64url')}`;
}

const verifies = (token: string) =>
  verifier.verify(token).then(
    () => true,
    () => false,
  );

describe('S10: access tokens', () => {
  it('takes a good one', async () => {
    expect(await verifies(signed({}))).toBe(true);
  });

  it('takes none with a byte flipped, whichever', { timeout: 60_000 }, async () => {
    const token = signed({});
    const taken = [];
    // The last character holds bits that Base64 throws away: three others stand for the same signature.
    for (let at = 0; at < token.length - 1; at += 1) {
      const flipped = String.fromCharCode(token.charCodeAt(at) ^ 1);
      if (await verifies(token.slice(0, at) + flipped + token.slice(at + 1))) taken.push(at);
    }
    expect(taken).toEqual([]);
  });

  test.each<[string, () => string]>([
    ['alg none', () => `${encode({ alg: 'none', kid: 'one' })}.${encode(claims({}))}.`],
    ['alg none, signed', () => signed({}, { alg: 'none' })],
    ['HS256 with the public key', mixedUp],
    ['RS512 in the header', () => signed({}, { alg: 'RS512' })],
    ['no kid', () => signed({}, { kid: undefined })],
    ['an unknown kid', () => signed({}, { kid: 'two' })],
    ['another key', () => signed({}, {}, stranger.privateKey)],
    ['another issuer', () => signed({ iss: `${ISSUER}x` })],
    ['no issuer', () => signed({ iss: undefined })],
    ['another client', () => signed({ client_id: 'the-gateway-client' })],
    ['no client', () => signed({ client_id: undefined })],
    ['an ID token', () => signed({ token_use: 'id', aud: CLIENT })],
    ['no token_use', () => signed({ token_use: undefined })],
    ['an expiry one second ago', () => signed({ exp: now() - 1 })],
    ['an expiry this second', () => signed({ exp: now() - 0.001 })],
    ['a start in a while', () => signed({ nbf: now() + 60 })],
    ['no user name', () => signed({ username: undefined })],
    ['no family', () => signed({ origin_jti: undefined })],
    ['no time of sign-in', () => signed({ auth_time: undefined })],
    ['a fourth part', () => `${signed({})}.x`],
    ['two parts', () => signed({}).split('.').slice(0, 2).join('.')],
    ['nothing', () => ''],
  ])('refuses %s', async (_, token) => {
    expect(await verifies(token())).toBe(false);
  });

  it('reads a refreshed one as of its sign-in, whatever Cognito calls it by', async () => {
    const signIn = { sign_in_id: 'the first', signed_in_at: '1764000000' };
    expect(await verifier.verify(signed({ ...signIn, origin_jti: 'another' }))).toMatchObject({
      origin_jti: 'the first',
      auth_time: 1_764_000_000,
    });
    expect(await verifies(signed({ ...signIn, signed_in_at: 'lately' }))).toBe(false);
  });

  it('takes one that expires in a second', async () => {
    expect(await verifies(signed({ exp: now() + 1 }))).toBe(true);
  });

  it('for refreshing takes an expired one, and checks all else', async () => {
    const expired = { exp: now() - 86_400 };
    await expect(verifier.verifyExpired(signed(expired))).resolves.toMatchObject({ origin_jti: 'origin' });
    await expect(verifier.verifyExpired(signed(expired, {}, stranger.privateKey))).rejects.toThrow();
    await expect(verifier.verifyExpired(signed({ ...expired, token_use: 'id' }))).rejects.toThrow();
  });
});

describe('P8: the key set', () => {
  /** How often the key set was fetched while so many calls came at once, each through what `verifierOf` gives it. */
  async function fetchesOf(calls: number, verifierOf: () => TokenVerifier): Promise<number> {
    const table = openTable(useStackEnvironment().TABLE_NAME);
    const authorization = `Bearer ${signed({})}`;
    const before = fetches;
    const decisions = await Promise.all(
      Array.from({ length: calls }, () =>
        authenticateBearer(table, verifierOf(), authorization, 'getUserInfo'),
      ),
    );
    // Good tokens, all of them, of an account that there is not.
    expect(new Set(decisions.map((decision) => (decision.ok ? 'granted' : decision.refusal.reason)))).toEqual(
      new Set(['token_dead']),
    );
    return fetches - before;
  }

  it('is fetched once for 1,000 first calls at once, and not again for the next 1,000', async () => {
    const shared = tokenVerifier(config);
    expect(await fetchesOf(1000, () => shared)).toBe(1);
    expect(await fetchesOf(1000, () => shared)).toBe(0);
  });

  it('that cannot be fetched for a key not seen yet is our fault, not a wrong token; one in hand still serves', async () => {
    const table = openTable(useStackEnvironment().TABLE_NAME);
    const known = tokenVerifier(config);
    const call = (token: string) => authenticateBearer(table, known, `Bearer ${token}`, 'getUserInfo');
    const ofNewKey = signed({}, { kid: 'two' });
    expect(await fetchesOf(1, () => known)).toBe(1);
    keySetIsUp = false;
    try {
      await expect(call(ofNewKey)).rejects.toMatchObject({ name: 'KeySetError' });
      expect(await call(signed({}))).toMatchObject({ refusal: { reason: 'token_dead' } });
    } finally {
      keySetIsUp = true;
    }
    expect(await call(ofNewKey)).toMatchObject({ refusal: { reason: 'token_invalid' } });
  });

  it('is fetched again for a new key, though the peer closed what the first fetch left open', async () => {
    const fetcher = tokenVerifier(config);
    await fetcher.hydrate();
    // As after a pause, in which Lambda freezes a function and nobody hears of the close.
    const cut = new WeakSet<Socket>(sockets);
    const reset = ({ socket }: IncomingMessage) => cut.has(socket) && socket.resetAndDestroy();
    server.prependListener('request', reset);
    onTestFinished(() => void server.off('request', reset));
    await expect(fetcher.verify(signed({}, { kid: 'two' }))).rejects.toThrow('JWK for kid "two" not found');
  });

  it('a verifier that shares nothing would be noticed', async () => {
    expect(await fetchesOf(20, () => tokenVerifier(config))).toBe(20);
  });
});
