import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AssociateSoftwareTokenCommand,
  ChangePasswordCommand,
  DeleteUserCommand,
  GetUserCommand,
  GlobalSignOutCommand,
  SetUserMFAPreferenceCommand,
  UpdateUserAttributesCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { PASSWORD, refusal, setup, type TestPool } from './setup.ts';

let pool: TestPool;
beforeAll(async () => {
  pool = await setup();
  await pool.addUser('ann');
  // As in the product: only the gateway's tokens keep the scope.
  pool.trigger.run = (event) => {
    if (event.callerContext.clientId !== pool.pool.clients.api.id) return event;
    const accessTokenGeneration = { scopesToSuppress: ['aws.cognito.signin.user.admin'] };
    return { ...event, response: { claimsAndScopeOverrideDetails: { accessTokenGeneration } } };
  };
});
afterAll(() => pool.stop());

const whoAmI = (AccessToken: string | undefined) => pool.sdk.send(new GetUserCommand({ AccessToken }));

// https://docs.aws.amazon.com/cognito/latest/developerguide/authentication-flows-public-server-side.html
describe('with a token that lacks aws.cognito.signin.user.admin', () => {
  let AccessToken: string | undefined;
  beforeAll(async () => {
    ({ AccessToken } = await pool.tokens('ann', 'api'));
  });

  test.each<[string, () => Promise<unknown>]>([
    ['GetUser', () => whoAmI(AccessToken)],
    ['DeleteUser', () => pool.sdk.send(new DeleteUserCommand({ AccessToken }))],
    [
      'ChangePassword',
      () =>
        pool.sdk.send(
          new ChangePasswordCommand({
            AccessToken,
            PreviousPassword: PASSWORD,
            ProposedPassword: 'another password',
          }),
        ),
    ],
    [
      'UpdateUserAttributes',
      () =>
        pool.sdk.send(
          new UpdateUserAttributesCommand({ AccessToken, UserAttributes: [{ Name: 'name', Value: 'x' }] }),
        ),
    ],
    ['GlobalSignOut', () => pool.sdk.send(new GlobalSignOutCommand({ AccessToken }))],
    ['SetUserMFAPreference', () => pool.sdk.send(new SetUserMFAPreferenceCommand({ AccessToken }))],
    ['AssociateSoftwareToken', () => pool.sdk.send(new AssociateSoftwareTokenCommand({ AccessToken }))],
    [
      'VerifySoftwareToken',
      () => pool.sdk.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: '000000' })),
    ],
  ])('%s is refused', async (_, call) => {
    expect(await refusal(call())).toBe('NotAuthorizedException: Access Token does not have required scopes');
  });
});

describe('with a token that has it', () => {
  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html
  it('GetUser shows the user', async () => {
    const { AccessToken } = await pool.tokens('ann');
    await expect(whoAmI(AccessToken)).resolves.toMatchObject({
      Username: 'ann',
      UserAttributes: [{ Name: 'sub', Value: expect.any(String) }],
    });
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserAttributes.html
  it('UpdateUserAttributes changes the user', async () => {
    const { AccessToken } = await pool.tokens('ann');
    const UserAttributes = [{ Name: 'name', Value: 'Ann' }];
    await pool.sdk.send(new UpdateUserAttributesCommand({ AccessToken, UserAttributes }));
    expect((await whoAmI(AccessToken)).UserAttributes).toContainEqual({ Name: 'name', Value: 'Ann' });
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ChangePassword.html
  it('ChangePassword needs the old password and obeys the policy', async () => {
    await pool.addUser('changing');
    const { AccessToken } = await pool.tokens('changing');
    const change = (PreviousPassword: string, ProposedPassword: string) =>
      pool.sdk.send(new ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword }));
    expect(await refusal(change('wrong password', 'another password'))).toMatch(
      /Incorrect username or password/,
    );
    expect(await refusal(change(PASSWORD, 'short'))).toMatch(/^InvalidPasswordException/);
    await change(PASSWORD, 'another password');
    await expect(pool.signIn('changing', 'another password')).resolves.toBeDefined();
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteUser.html
  it('DeleteUser deletes the user', async () => {
    await pool.addUser('deleting');
    const { AccessToken } = await pool.tokens('deleting');
    await pool.sdk.send(new DeleteUserCommand({ AccessToken }));
    expect(await refusal(pool.sdk.send(new AdminGetUserCommand(pool.of('deleting'))))).toMatch(
      /^UserNotFoundException/,
    );
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GlobalSignOut.html
  it('GlobalSignOut ends all families', async () => {
    await pool.addUser('leaving');
    const [one, two] = [await pool.tokens('leaving'), await pool.tokens('leaving')];
    await pool.sdk.send(new GlobalSignOutCommand({ AccessToken: one.AccessToken }));
    expect(await refusal(pool.refresh(two.RefreshToken))).toMatch(/has been revoked/);
  });
});

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetUser.html
describe('an access token is refused', () => {
  it('once it has expired', async () => {
    const { AccessToken } = await pool.tokens('ann');
    pool.clock.ms += 5 * 60_000;
    expect(await refusal(whoAmI(AccessToken))).toBe('NotAuthorizedException: Access Token has expired');
  });

  it('when its signature is not the pool’s', async () => {
    const [header, , signature] = ((await pool.tokens('ann')).AccessToken ?? '').split('.');
    const forged = Buffer.from(JSON.stringify({ token_use: 'access', username: 'ann' })).toString(
      'base64url',
    );
    const invalid = 'NotAuthorizedException: Invalid Access Token';
    expect(await refusal(whoAmI(`${header}.${forged}.${signature}`))).toBe(invalid);
    expect(await refusal(whoAmI('nonsense'))).toBe(invalid);
  });

  it('when it is an ID token', async () => {
    expect(await refusal(whoAmI((await pool.tokens('ann')).IdToken))).toBe(
      'NotAuthorizedException: Invalid Access Token',
    );
  });

  it('when its user is gone, even if another of the name was made', async () => {
    await pool.addUser('gone');
    const { AccessToken } = await pool.tokens('gone');
    await pool.sdk.send(new AdminDeleteUserCommand(pool.of('gone')));
    expect(await refusal(whoAmI(AccessToken))).toBe('UserNotFoundException: User does not exist.');
    await pool.addUser('gone');
    expect(await refusal(whoAmI(AccessToken))).toBe('UserNotFoundException: User does not exist.');
  });
});
