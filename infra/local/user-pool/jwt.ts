/** RS256 JSON web tokens (RFC 7515, 7519), signed off the event loop. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import type { PoolIdentity, SigningKey } from './identity.ts';
import { isObject } from './input.ts';

export type Claims = Readonly<Record<string, unknown>>;

const keyObjects = new WeakMap<SigningKey, { privateKey: KeyObject; publicKey: KeyObject }>();

function keyPair(key: SigningKey) {
  let pair = keyObjects.get(key);
  if (!pair) {
    const privateKey = createPrivateKey(key.privateKeyPem);
    pair = { privateKey, publicKey: createPublicKey(privateKey) };
    keyObjects.set(key, pair);
  }
  return pair;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function signJwt(key: SigningKey, claims: Claims): Promise<string> {
  const signed = `${encode({ kid: key.kid, alg: 'RS256' })}.${encode(claims)}`;
  const signature = await new Promise<Buffer>((resolve, reject) => {
    sign('RSA-SHA256', Buffer.from(signed), keyPair(key).privateKey, (error, bytes) =>
      error ? reject(error) : resolve(bytes),
    );
  });
  return `${signed}.${signature.toString('base64url')}`;
}

/** The claims of a token signed by this key, else undefined. Says nothing about expiry. */
export function verifyJwt(key: SigningKey, token: string): Claims | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0)
    return undefined;
  const data = Buffer.from(`${header}.${payload}`);
  if (!verify('RSA-SHA256', data, keyPair(key).publicKey, Buffer.from(signature, 'base64url')))
    return undefined;
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return isObject(claims) ? claims : undefined;
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html */
export function jsonWebKeySet(identity: PoolIdentity) {
  return {
    keys: [identity.keys.id, identity.keys.access].map((key) => {
      const { e, kty, n } = keyPair(key).publicKey.export({ format: 'jwk' });
      return { alg: 'RS256', e, kid: key.kid, kty, n, use: 'sig' };
    }),
  };
}
