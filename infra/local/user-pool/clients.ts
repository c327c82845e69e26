/** Who is calling: the pool, the app client, and the proof that the caller holds the client's secret. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { notAuthorized, UserPoolError } from './errors.ts';
import { type AppClient, findClient } from './identity.ts';
import { type Input, optionalString, requiredString } from './input.ts';
import type { Pool } from './pool.ts';

export function requirePool(pool: Pool, input: Input): void {
  const poolId = requiredString(input, 'UserPoolId', { maxLength: 55 });
  if (poolId !== pool.identity.poolId) {
    throw new UserPoolError('ResourceNotFoundException', `User pool ${poolId} does not exist.`);
  }
}

export function requireClient(pool: Pool, input: Input): AppClient {
  const clientId = requiredString(input, 'ClientId', { maxLength: 128 });
  const client = findClient(pool.identity, clientId);
  if (!client) {
    throw new UserPoolError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`);
  }
  return client;
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Base64 of HMAC-SHA256, keyed by the secret, over user name and client id.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html#cognito-user-pools-computing-secret-hash
 */
export function checkSecretHash(client: AppClient, username: string, given: string | undefined): void {
  if (given === undefined || given === '') {
    throw notAuthorized(`Client ${client.id} is configured with secret but SECRET_HASH was not received`);
  }
  const expected = createHmac('sha256', client.secret).update(`${username}${client.id}`).digest('base64');
  if (!equal(given, expected)) throw notAuthorized(`Unable to verify secret hash for client ${client.id}`);
}

/** `ClientSecret` itself, in the two operations that take a refresh token. */
export function checkClientSecret(client: AppClient, input: Input): void {
  const given = optionalString(input, 'ClientSecret', { maxLength: 64 });
  if (given === undefined || given === '') {
    throw notAuthorized(`Client ${client.id} is configured for secret but secret was not received`);
  }
  if (!equal(given, client.secret))
    throw notAuthorized(`Client secret does not match for client ${client.id}`);
}
