import {
  type AuthFlowType,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RespondToAuthChallengeCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { PASSWORD, refusal, setup, type TestPool } from './setup.ts';

let pool: TestPool;
beforeAll(async () => {
  pool = await setup();
  await pool.addUser('ann');
});
afterAll(() => pool.stop());

const as = (Username: string) => ({
  ClientId: pool.pool.clients.gateway.id,
  Username,
  SecretHash: pool.secretHash(Username),
});

describe('without credentials', () => {
  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html
  it('nobody signs up', async () => {
    const call = pool.sdk.send(new SignUpCommand({ ...as('eve'), Password: PASSWORD }));
    expect(await refusal(call)).toBe('NotAuthorizedException: SignUp is not permitted for this user pool');
    expect(await refusal(pool.signIn('eve'))).toMatch(/Incorrect username or password/);
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
  test.each(['ann', 'no-such-user'])('nobody recovers the account of %s', async (username) => {
    expect(await refusal(pool.sdk.send(new ForgotPasswordCommand(as(username))))).toBe(
      'NotAuthorizedException: Contact administrator to reset password.',
    );
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
  test.each(['ann', 'no-such-user'])('no confirmation code is right for %s', async (username) => {
    const refused = 'ExpiredCodeException: Invalid code provided, please request a code again.';
    const input = { ...as(username), ConfirmationCode: '123456' };
    const reset = new ConfirmForgotPasswordCommand({ ...input, Password: 'another password' });
    expect(await refusal(pool.sdk.send(reset))).toBe(refused);
    expect(await refusal(pool.sdk.send(new ConfirmSignUpCommand(input)))).toBe(refused);
    await expect(pool.signIn('ann')).resolves.toBeDefined();
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ResendConfirmationCode.html
  it('no confirmation code is sent', async () => {
    expect(await refusal(pool.sdk.send(new ResendConfirmationCodeCommand(as('ann'))))).toBe(
      'InvalidParameterException: Cannot resend codes. Auto verification not turned on.',
    );
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html
  test.each<AuthFlowType>(['USER_PASSWORD_AUTH', 'USER_SRP_AUTH', 'REFRESH_TOKEN_AUTH', 'USER_AUTH'])(
    'InitiateAuth refuses %s',
    async (AuthFlow) => {
      const { RefreshToken = '' } = await pool.tokens('ann');
      const call = pool.sdk.send(
        new InitiateAuthCommand({
          ClientId: pool.pool.clients.gateway.id,
          AuthFlow,
          AuthParameters: {
            USERNAME: 'ann',
            PASSWORD,
            REFRESH_TOKEN: RefreshToken,
            SECRET_HASH: pool.secretHash('ann'),
          },
        }),
      );
      expect(await refusal(call)).toBe(
        `InvalidParameterException: ${AuthFlow} flow not enabled for this client`,
      );
    },
  );

  it('RespondToAuthChallenge refuses a session opened by an administrator', async () => {
    await pool.setPassword('ann', PASSWORD, false);
    const { Session } = await pool.signIn('ann');
    const call = pool.sdk.send(
      new RespondToAuthChallengeCommand({
        ClientId: pool.pool.clients.gateway.id,
        ChallengeName: 'NEW_PASSWORD_REQUIRED',
        Session,
        ChallengeResponses: {
          USERNAME: 'ann',
          NEW_PASSWORD: 'another password',
          SECRET_HASH: pool.secretHash('ann'),
        },
      }),
    );
    expect(await refusal(call)).toBe('NotAuthorizedException: Invalid session for the user.');
    await pool.setPassword('ann');
  });
});

// https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
describe('without the client secret', () => {
  test.each<[string, () => Promise<unknown>]>([
    [
      'SignUp',
      () => pool.sdk.send(new SignUpCommand({ ...as('eve'), SecretHash: undefined, Password: PASSWORD })),
    ],
    [
      'ForgotPassword',
      () => pool.sdk.send(new ForgotPasswordCommand({ ...as('ann'), SecretHash: undefined })),
    ],
  ])('%s is refused for that alone', async (_, call) => {
    expect(await refusal(call())).toBe(
      `NotAuthorizedException: Client ${pool.pool.clients.gateway.id} is configured with secret but SECRET_HASH was not received`,
    );
  });
});
