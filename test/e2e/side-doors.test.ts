import {
  ChangePasswordCommand,
  CognitoIdentityProviderClient,
  DeleteUserCommand,
  ForgotPasswordCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { newApiAccount, newTenant, PASSWORD, request, stack, tokenFor } from '../support/world.ts';

/** Cognito's own public API, called by the holder of a token with no other credentials. */
const cognito = new CognitoIdentityProviderClient({
  endpoint: stack.endpoints.cognito,
  region: stack.operator.region,
  credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing' },
  maxAttempts: 1,
});

let token: string;
let clientId: string;
let username: string;
beforeAll(async () => {
  const account = await newApiAccount(await newTenant());
  token = await tokenFor(account.user, PASSWORD);
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
    string,
    string
  >;
  clientId = claims.client_id ?? '';
  username = claims.username ?? '';
  expect(claims).toMatchObject({ tenant: expect.any(String), employee_id: expect.anything() });
});

describe('an access token of the API at Cognito itself', () => {
  test.each([
    ['GetUser', () => new GetUserCommand({ AccessToken: token })],
    ['DeleteUser', () => new DeleteUserCommand({ AccessToken: token })],
    [
      'ChangePassword',
      () =>
        new ChangePasswordCommand({
          AccessToken: token,
          PreviousPassword: PASSWORD,
          ProposedPassword: `${PASSWORD}!`,
        }),
    ],
    [
      'UpdateUserAttributes',
      () => new UpdateUserAttributesCommand({ AccessToken: token, UserAttributes: [] }),
    ],
  ])('%s is refused for want of scope', async (_, command) => {
    await expect(cognito.send(command() as GetUserCommand)).rejects.toThrow(/required scopes/);
  });
});

describe('unauthenticated operations, with the client id found in a token', () => {
  test.each([
    ['SignUp', () => new SignUpCommand({ ClientId: clientId, Username: 'intruder', Password: PASSWORD })],
    ['ForgotPassword', () => new ForgotPasswordCommand({ ClientId: clientId, Username: username })],
    [
      'InitiateAuth',
      () =>
        new InitiateAuthCommand({
          ClientId: clientId,
          AuthFlow: 'USER_PASSWORD_AUTH',
          AuthParameters: { USERNAME: username, PASSWORD },
        }),
    ],
    [
      'GetTokensFromRefreshToken',
      () => new GetTokensFromRefreshTokenCommand({ ClientId: clientId, RefreshToken: 'x'.repeat(100) }),
    ],
  ])('%s is refused', async (_, command) => {
    await expect(cognito.send(command() as SignUpCommand)).rejects.toThrow();
  });

  it('and the account is as it was', async () => {
    expect((await request('GET', '/v2/security/userinfo', { token })).status).toBe(200);
  });
});
