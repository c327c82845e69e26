import {
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminSetUserMFAPreferenceCommand,
  AssociateSoftwareTokenCommand,
  SetUserMFAPreferenceCommand,
  VerifySoftwareTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { checkCode, codeAt, newSecret, stepOf } from '../../../infra/local/user-pool/totp.ts';
import { given, PASSWORD, refusal, setup, type TestPool } from './setup.ts';

const STEP_MS = 30_000;
const MISMATCH = 'CodeMismatchException: Invalid code received for user';
const USED = 'ExpiredCodeException: Your software token has already been used once.';

let pool: TestPool;
beforeAll(async () => {
  pool = await setup();
});
afterAll(() => pool.stop());

const code = (secret: string, steps = 0) => codeAt(secret, stepOf(pool.clock.ms) + steps);
const preference = (username: string, Enabled: boolean, PreferredMfa: boolean) =>
  pool.sdk.send(
    new AdminSetUserMFAPreferenceCommand({
      ...pool.of(username),
      SoftwareTokenMfaSettings: { Enabled, PreferredMfa },
    }),
  );

async function associate(username: string) {
  const { AccessToken } = await pool.tokens(username);
  const { SecretCode } = await pool.sdk.send(new AssociateSoftwareTokenCommand({ AccessToken }));
  return { AccessToken, secret: given(SecretCode) };
}

/** A user with TOTP verified, enabled and preferred, at a fresh time step. */
async function addUserWithToken(username: string) {
  await pool.addUser(username);
  const { AccessToken, secret } = await associate(username);
  await pool.sdk.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: code(secret) }));
  await preference(username, true, true);
  pool.clock.ms += 3 * STEP_MS;
  return { secret, AccessToken };
}

// RFC 6238 appendix B, cut to six digits; secret "12345678901234567890"
test.each([
  [59, '287082'],
  [1111111109, '081804'],
  [1111111111, '050471'],
  [1234567890, '005924'],
  [2000000000, '279037'],
  [20000000000, '353130'],
])('the code at %i seconds is %s', (seconds, expected) => {
  expect(codeAt('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', stepOf(seconds * 1000))).toBe(expected);
});

// RFC 6238 section 5.2
test.each([
  [-2, 'mismatch'],
  [-1, 'accepted'],
  [0, 'accepted'],
  [1, 'accepted'],
  [2, 'mismatch'],
])('a code %i steps away is %s', (steps, result) => {
  const secret = newSecret();
  const now = Date.now();
  const token = { secret, verified: true, usedSteps: [] };
  expect(checkCode(token, codeAt(secret, stepOf(now) + steps), now).result).toBe(result);
});

// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa-totp.html
describe('setting up a software token', () => {
  beforeAll(() => pool.addUser('setting-up'));

  it('gives a base32 secret that a right code verifies', async () => {
    const { AccessToken, secret } = await associate('setting-up');
    expect(secret).toMatch(/^[A-Z2-7]{52}$/);
    const { Status } = await pool.sdk.send(
      new VerifySoftwareTokenCommand({ AccessToken, UserCode: code(secret) }),
    );
    expect(Status).toBe('SUCCESS');
  });

  it('refuses a wrong code', async () => {
    const { AccessToken, secret } = await associate('setting-up');
    const verify = pool.sdk.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: code(secret, 5) }));
    expect(await refusal(verify)).toBe(
      'EnableSoftwareTokenMFAException: Code mismatch and fail enable Software Token MFA',
    );
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserMFAPreference.html
  it('cannot be enabled before it is verified', async () => {
    await associate('setting-up');
    expect(await refusal(preference('setting-up', true, true))).toBe(
      'InvalidParameterException: User has not verified software token mfa',
    );
  });

  // https://github.com/aws-amplify/amplify-js/issues/944 and 3844
  it('cannot be switched off either before it is verified', async () => {
    await pool.addUser('without');
    expect(await refusal(preference('without', false, false))).toBe(
      'InvalidParameterException: User has not set up software token mfa',
    );
    await associate('without');
    expect(await refusal(preference('without', false, false))).toBe(
      'InvalidParameterException: User has not verified software token mfa',
    );
  });

  it('shows in AdminGetUser once preferred', async () => {
    await addUserWithToken('shown');
    expect(await pool.sdk.send(new AdminGetUserCommand(pool.of('shown')))).toMatchObject({
      PreferredMfaSetting: 'SOFTWARE_TOKEN_MFA',
      UserMFASettingList: ['SOFTWARE_TOKEN_MFA'],
    });
  });

  it('may be preferred by the user too, under the same rules', async () => {
    await pool.addUser('self');
    const { AccessToken, secret } = await associate('self');
    const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: true };
    const prefer = () =>
      pool.sdk.send(new SetUserMFAPreferenceCommand({ AccessToken, SoftwareTokenMfaSettings }));
    expect(await refusal(prefer())).toBe(
      'InvalidParameterException: User has not verified software token mfa',
    );
    await pool.sdk.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: code(secret) }));
    await prefer();
    expect((await pool.signIn('self')).ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
  });

  it('refuses SMS, which the pool does not offer', async () => {
    const call = pool.sdk.send(
      new AdminSetUserMFAPreferenceCommand({ ...pool.of('setting-up'), SMSMfaSettings: { Enabled: true } }),
    );
    expect(await refusal(call)).toMatch(/^InvalidParameterException: SMS MFA/);
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AssociateSoftwareToken.html
  it('takes the old token off at once when a new one is associated', async () => {
    const { AccessToken } = await addUserWithToken('replacing');
    await pool.sdk.send(new AssociateSoftwareTokenCommand({ AccessToken }));
    expect((await pool.signIn('replacing')).AuthenticationResult).toBeDefined();
    const user = await pool.sdk.send(new AdminGetUserCommand(pool.of('replacing')));
    expect(user.UserMFASettingList).toBeUndefined();
  });
});

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminRespondToAuthChallenge.html
describe('the SOFTWARE_TOKEN_MFA challenge', () => {
  const answer = (username: string, session: string | undefined, userCode: string) =>
    pool.respond(username, 'SOFTWARE_TOKEN_MFA', session, { SOFTWARE_TOKEN_MFA_CODE: userCode });

  it('comes instead of tokens, and a right code brings them', async () => {
    const { secret } = await addUserWithToken('two-factor');
    const challenge = await pool.signIn('two-factor');
    expect(challenge).toMatchObject({ ChallengeName: 'SOFTWARE_TOKEN_MFA' });
    expect(challenge.AuthenticationResult).toBeUndefined();
    const { AuthenticationResult } = await answer('two-factor', challenge.Session, code(secret));
    expect(AuthenticationResult?.RefreshToken).toBeDefined();
  });

  it('comes only after a right password', async () => {
    await addUserWithToken('first-factor');
    expect(await refusal(pool.signIn('first-factor', 'wrong password'))).toMatch(
      /Incorrect username or password/,
    );
  });

  it('does not come for a disabled user, who is told so', async () => {
    await addUserWithToken('off');
    await pool.sdk.send(new AdminDisableUserCommand(pool.of('off')));
    expect(await refusal(pool.signIn('off'))).toBe('NotAuthorizedException: User is disabled.');
  });

  it('stops coming when the preference is taken back', async () => {
    await addUserWithToken('opting-out');
    await preference('opting-out', false, false);
    expect((await pool.signIn('opting-out')).AuthenticationResult).toBeDefined();
  });

  it('refuses a wrong code and leaves the session open for another', async () => {
    const { secret } = await addUserWithToken('typo');
    const { Session } = await pool.signIn('typo');
    expect(await refusal(answer('typo', Session, code(secret, 9)))).toBe(MISMATCH);
    await expect(answer('typo', Session, code(secret))).resolves.toMatchObject({ AuthenticationResult: {} });
  });

  it('refuses a code used before, in an earlier sign-in or in setting up', async () => {
    await pool.addUser('replay');
    const { AccessToken, secret } = await associate('replay');
    await pool.sdk.send(new VerifySoftwareTokenCommand({ AccessToken, UserCode: code(secret) }));
    await preference('replay', true, true);
    const first = await pool.signIn('replay');
    expect(await refusal(answer('replay', first.Session, code(secret)))).toBe(USED);
    await answer('replay', first.Session, code(secret, 1));
    const second = await pool.signIn('replay');
    expect(await refusal(answer('replay', second.Session, code(secret, 1)))).toBe(USED);
    pool.clock.ms += 2 * STEP_MS;
    await expect(answer('replay', second.Session, code(secret))).resolves.toBeDefined();
  });

  it('takes a session once', async () => {
    const { secret } = await addUserWithToken('once');
    const { Session } = await pool.signIn('once');
    await answer('once', Session, code(secret));
    expect(await refusal(answer('once', Session, code(secret, 1)))).toBe(
      'NotAuthorizedException: Invalid session for the user, session can only be used once.',
    );
  });

  it('takes a session for three minutes', async () => {
    const { secret } = await addUserWithToken('slow');
    const { Session } = await pool.signIn('slow');
    pool.clock.ms += 3 * 60_000;
    expect(await refusal(answer('slow', Session, code(secret)))).toBe(
      'NotAuthorizedException: Invalid session for the user, session is expired.',
    );
  });

  it('takes a session from the user it was opened for only', async () => {
    await addUserWithToken('owner');
    const { secret } = await addUserWithToken('thief');
    const { Session } = await pool.signIn('owner');
    const refused = 'NotAuthorizedException: Invalid session for the user.';
    expect(await refusal(answer('thief', Session, code(secret)))).toBe(refused);
    expect(await refusal(answer('thief', 'x'.repeat(100), code(secret)))).toBe(refused);
  });

  it('demands the secret hash', async () => {
    const { secret } = await addUserWithToken('hashless');
    const { Session } = await pool.signIn('hashless');
    const responses = { SOFTWARE_TOKEN_MFA_CODE: code(secret), SECRET_HASH: '' };
    expect(await refusal(pool.respond('hashless', 'SOFTWARE_TOKEN_MFA', Session, responses))).toMatch(
      /SECRET_HASH was not received/,
    );
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html
  it('begins the lockout after five wrong codes, which a right password does not reset', async () => {
    const { secret } = await addUserWithToken('guessed');
    for (let n = 0; n < 5; n++) {
      const { Session } = await pool.signIn('guessed', PASSWORD);
      expect(await refusal(answer('guessed', Session, code(secret, 9)))).toBe(MISMATCH);
    }
    expect(await refusal(pool.signIn('guessed'))).toBe('NotAuthorizedException: Password attempts exceeded');
  });
});
