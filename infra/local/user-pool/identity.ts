/**
 * What makes this pool this pool, made once and kept in `pool.json`: its id, its app clients, its signing keys.
 * Restarting must not change them, or every token and every client out there would be void.
 */
import { generateKeyPair, randomInt, randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isObject } from './input.ts';
import type { ClientName } from './settings.ts';

/** Cognito signs ID and access tokens with a key each; the key set publishes both. */
type TokenUse = 'access' | 'id';

export type AppClient = { readonly name: ClientName; readonly id: string; readonly secret: string };
export type SigningKey = { readonly kid: string; readonly privateKeyPem: string };

export type PoolIdentity = {
  readonly region: string;
  readonly poolId: string;
  readonly issuer: string;
  readonly clients: Readonly<Record<ClientName, AppClient>>;
  readonly keys: Readonly<Record<TokenUse, SigningKey>>;
};

const FORMAT_VERSION = 1;
const RSA_BITS = 2048;
const LOWER_ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ALPHANUMERIC = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${LOWER_ALPHANUMERIC}`;

const randomText = (alphabet: string, length: number) =>
  Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UserPoolClientType.html */
const newClient = (name: ClientName): AppClient => ({
  name,
  id: randomText(LOWER_ALPHANUMERIC, 26),
  secret: randomText(LOWER_ALPHANUMERIC, 51),
});

async function newKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: RSA_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { kid: randomUUID(), privateKeyPem: privateKey };
}

async function newIdentity(region: string): Promise<PoolIdentity> {
  const poolId = `${region}_${randomText(ALPHANUMERIC, 9)}`;
  const [access, id] = await Promise.all([newKey(), newKey()]);
  return {
    region,
    poolId,
    issuer: `https://cognito-idp.${region}.amazonaws.com/${poolId}`,
    clients: { api: newClient('api'), gateway: newClient('gateway') },
    keys: { access, id },
  };
}

/** Reads the identity kept in `stateDir`, or makes one. Throws when the directory belongs to another region. */
export async function loadIdentity(stateDir: string, region: string): Promise<PoolIdentity> {
  const file = join(stateDir, 'pool.json');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) {
    const identity = await newIdentity(region);
    // Written beside and renamed: a kill half-way must not leave half a key behind.
    const draft = `${file}.new`;
    await writeFile(draft, JSON.stringify({ version: FORMAT_VERSION, ...identity }), {
      mode: 0o600,
      flush: true,
    });
    await rename(draft, file);
    return identity;
  }
  const kept: unknown = JSON.parse(text);
  if (!isObject(kept) || kept.version !== FORMAT_VERSION) {
    throw new Error(
      `${file} is not a version ${FORMAT_VERSION} user pool; move ${stateDir} away to start afresh.`,
    );
  }
  if (kept.region !== region) {
    throw new Error(
      `${file} is a pool of region ${String(kept.region)}, not ${region}; use another directory.`,
    );
  }
  const { version: _version, ...identity } = kept;
  return identity as PoolIdentity;
}

export function findClient(identity: PoolIdentity, clientId: string): AppClient | undefined {
  return Object.values(identity.clients).find((client) => client.id === clientId);
}
