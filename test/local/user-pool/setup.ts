import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AdminCreateUserCommand,
  AdminInitiateAuthCommand,
  AdminRespondToAuthChallengeCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  GetTokensFromRefreshTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { startUserPool } from '../../../infra/local/user-pool/server.ts';
import { userPoolSettings } from '../../../infra/user-pool-settings.ts';

export const REGION = 'eu-central-1';
export const PASSWORD = 'correct horse battery';

type Options = Parameters<typeof startUserPool>[0];
type ClientName = 'api' | 'gateway';

export type PreTokenEvent = {
  triggerSource: string;
  userName: string;
  callerContext: { clientId: string };
  request: Record<string, unknown>;
  response: { claimsAndScopeOverrideDetails: unknown };
};

/** A pool of its own, with a clock the test moves and a trigger the test may replace. */
export async function setup(overrides: Partial<Options> = {}) {
  const stateDir = overrides.stateDir ?? (await mkdtemp(join(tmpdir(), 'user-pool-')));
  const clock = { ms: Date.parse('2026-11-24T12:00:00.000Z') };
  const trigger: { run: (event: PreTokenEvent) => unknown } = { run: (event) => event };
  const pool = await startUserPool({
    port: 0,
    region: REGION,
    settings: userPoolSettings,
    preTokenTrigger: async (event) => trigger.run(event as PreTokenEvent),
    now: () => new Date(clock.ms),
    ...overrides,
    stateDir,
  });
  const sdk = new CognitoIdentityProviderClient({
    region: REGION,
    endpoint: pool.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

  const secretHash = (username: string, client: ClientName = 'gateway') =>
    createHmac('sha256', pool.clients[client].secret)
      .update(username + pool.clients[client].id)
      .digest('base64');

  const createUser = (username: string) =>
    sdk.send(
      new AdminCreateUserCommand({ UserPoolId: pool.poolId, Username: username, MessageAction: 'SUPPRESS' }),
    );

  const setPassword = (username: string, password = PASSWORD, permanent = true) =>
    sdk.send(
      new AdminSetUserPasswordCommand({
        UserPoolId: pool.poolId,
        Username: username,
        Password: password,
        Permanent: permanent,
      }),
    );

  const signIn = (username: string, password = PASSWORD, client: ClientName = 'gateway') =>
    sdk.send(
      new AdminInitiateAuthCommand({
        UserPoolId: pool.poolId,
        ClientId: pool.clients[client].id,
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: username, PASSWORD: password, SECRET_HASH: secretHash(username, client) },
      }),
    );

  return {
    pool,
    sdk,
    clock,
    trigger,
    stateDir,
    secretHash,
    createUser,
    setPassword,
    signIn,
    of: (username: string) => ({ UserPoolId: pool.poolId, Username: username }),
    async addUser(username: string, password = PASSWORD) {
      await createUser(username);
      await setPassword(username, password);
    },
    async tokens(username: string, client: ClientName = 'gateway') {
      const { AuthenticationResult: result } = await signIn(username, PASSWORD, client);
      return given(result);
    },
    respond: (
      username: string,
      challenge: 'SOFTWARE_TOKEN_MFA' | 'NEW_PASSWORD_REQUIRED',
      session: string | undefined,
      responses: Record<string, string>,
    ) =>
      sdk.send(
        new AdminRespondToAuthChallengeCommand({
          UserPoolId: pool.poolId,
          ClientId: pool.clients.gateway.id,
          ChallengeName: challenge,
          Session: session,
          ChallengeResponses: { USERNAME: username, SECRET_HASH: secretHash(username), ...responses },
        }),
      ),
    refresh: (refreshToken: string | undefined, client: ClientName = 'gateway') =>
      sdk
        .send(
          new GetTokensFromRefreshTokenCommand({
            RefreshToken: refreshToken,
            ClientId: pool.clients[client].id,
            ClientSecret: pool.clients[client].secret,
          }),
        )
        .then((reply) => given(reply.AuthenticationResult)),
    /** Stops the listener and forgets the directory. */
    async stop() {
      sdk.destroy();
      await pool.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}

export type TestPool = Awaited<ReturnType<typeof setup>>;

export function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('The reply lacks what the test needs');
  return value;
}

/** What a call was refused with, as `Name: text`; fails when it was not refused. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const outcome = await call.then(
    () => 'was not refused',
    (error: unknown) => error,
  );
  return outcome instanceof Error ? `${outcome.name}: ${outcome.message}` : String(outcome);
}

export function claims(token: string | undefined): Record<string, unknown> {
  const payload = given(given(token).split('.')[1]);
  return JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
}
