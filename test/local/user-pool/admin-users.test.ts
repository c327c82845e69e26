import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  ListUsersCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { given, PASSWORD, refusal, setup, type TestPool } from './setup.ts';

let pool: TestPool;
beforeAll(async () => {
  pool = await setup();
});
afterAll(() => pool.stop());

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUser.html
describe('AdminCreateUser', () => {
  it('makes an enabled user who must change the password', async () => {
    const { User } = await pool.createUser('acme.1.a');
    expect(User).toMatchObject({ Username: 'acme.1.a', Enabled: true, UserStatus: 'FORCE_CHANGE_PASSWORD' });
    expect(User?.UserCreateDate).toEqual(new Date(pool.clock.ms));
    expect(User?.Attributes).toEqual([{ Name: 'sub', Value: expect.stringMatching(/^[0-9a-f-]{36}$/) }]);
  });

  it('refuses a name that is taken', async () => {
    await pool.createUser('acme.2.a');
    expect(await refusal(pool.createUser('acme.2.a'))).toBe(
      'UsernameExistsException: User account already exists',
    );
  });

  it('lets one of two creations of the same name at once win', async () => {
    const outcomes = await Promise.allSettled([pool.createUser('acme.3.a'), pool.createUser('acme.3.a')]);
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test.each([
    ['longer than 128 characters', 'n'.repeat(129)],
    ['with white space', 'a b'],
  ])('refuses a name %s', async (_, name) => {
    expect(await refusal(pool.createUser(name))).toMatch(
      /^InvalidParameterException: 1 validation error detected/,
    );
  });

  it('takes letters of any script', async () => {
    const { User } = await pool.createUser('株式会社.1.a');
    expect(User?.Username).toBe('株式会社.1.a');
  });

  it('refuses attributes that the pool does not define', async () => {
    const call = pool.sdk.send(
      new AdminCreateUserCommand({
        ...pool.of('acme.4.a'),
        MessageAction: 'SUPPRESS',
        UserAttributes: [{ Name: 'custom:tenant', Value: 'acme' }],
      }),
    );
    expect(await refusal(call)).toMatch(
      /^InvalidParameterException: Attributes did not conform to the schema/,
    );
  });
});

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminSetUserPassword.html
describe('AdminSetUserPassword', () => {
  beforeAll(() => pool.createUser('passwords'));

  it('confirms the user when permanent', async () => {
    await pool.setPassword('passwords');
    const { UserStatus } = await pool.sdk.send(new AdminGetUserCommand(pool.of('passwords')));
    expect(UserStatus).toBe('CONFIRMED');
  });

  it('refuses an unknown user', async () => {
    expect(await refusal(pool.setPassword('nobody'))).toBe('UserNotFoundException: User does not exist.');
  });

  // https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
  it('refuses a password shorter than the policy demands', async () => {
    expect(await refusal(pool.setPassword('passwords', '1234567'))).toBe(
      'InvalidPasswordException: Password did not conform with policy: Password not long enough',
    );
  });

  it('demands no character classes, as the policy says', async () => {
    await expect(pool.setPassword('passwords', '12345678')).resolves.toBeDefined();
  });

  test.each([
    ['that starts with white space', ' password'],
    ['that ends with white space', 'password '],
    ['longer than 256 characters', 'p'.repeat(257)],
  ])('refuses a password %s', async (_, password) => {
    expect(await refusal(pool.setPassword('passwords', password))).toMatch(
      /^InvalidParameterException: 1 validation error detected: Value at 'password' failed/,
    );
  });

  it('takes 256 characters', async () => {
    await expect(pool.setPassword('passwords', 'p'.repeat(256))).resolves.toBeDefined();
  });
});

describe('AdminGetUser, AdminDisableUser, AdminEnableUser, AdminDeleteUser', () => {
  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDisableUser.html
  it('show whether the user is enabled', async () => {
    await pool.addUser('switched');
    await pool.sdk.send(new AdminDisableUserCommand(pool.of('switched')));
    expect((await pool.sdk.send(new AdminGetUserCommand(pool.of('switched')))).Enabled).toBe(false);
    await pool.sdk.send(new AdminEnableUserCommand(pool.of('switched')));
    expect((await pool.sdk.send(new AdminGetUserCommand(pool.of('switched')))).Enabled).toBe(true);
  });

  // https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminDeleteUser.html
  it('make the user unknown once deleted, and another user of the name made later', async () => {
    const before = await pool.createUser('deleted');
    await pool.sdk.send(new AdminDeleteUserCommand(pool.of('deleted')));
    expect(await refusal(pool.sdk.send(new AdminGetUserCommand(pool.of('deleted'))))).toBe(
      'UserNotFoundException: User does not exist.',
    );
    const after = await pool.createUser('deleted');
    expect(after.User?.Attributes).not.toEqual(before.User?.Attributes);
  });

  it('refuse another pool', async () => {
    const call = pool.sdk.send(
      new AdminGetUserCommand({ UserPoolId: 'eu-central-1_AAAAAAAAA', Username: 'switched' }),
    );
    expect(await refusal(call)).toBe(
      'ResourceNotFoundException: User pool eu-central-1_AAAAAAAAA does not exist.',
    );
  });

  it('refuse a request without a user name', async () => {
    const call = pool.sdk.send(new AdminSetUserPasswordCommand({ ...pool.of(''), Password: PASSWORD }));
    expect(await refusal(call)).toMatch(
      /^InvalidParameterException: 1 validation error detected: Value at 'username'/,
    );
  });
});

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUsers.html
describe('ListUsers', () => {
  let many: TestPool;
  beforeAll(async () => {
    many = await setup();
    await Promise.all(Array.from({ length: 65 }, (_, index) => many.createUser(`u.${index}`)));
  });
  afterAll(() => many.stop());

  const list = (input: Omit<ListUsersCommand['input'], 'UserPoolId'>) =>
    many.sdk.send(new ListUsersCommand({ UserPoolId: many.pool.poolId, ...input }));

  test.each([60, 7])('pages by %i, showing each user once', async (limit) => {
    const seen: string[] = [];
    let PaginationToken: string | undefined;
    do {
      const page = await list({ Limit: limit, PaginationToken });
      seen.push(...given(page.Users).map((user) => given(user.Username)));
      PaginationToken = page.PaginationToken;
    } while (PaginationToken !== undefined);
    expect(new Set(seen).size).toBe(65);
    expect(seen).toHaveLength(65);
  });

  it('gives sixty to a page unless told', async () => {
    expect((await list({})).Users).toHaveLength(60);
  });

  test.each([
    ['equality', 'username = "u.7"', 1],
    ['a beginning', 'username ^= "u.6"', 6],
    ['the status', 'cognito:user_status = "CONFIRMED"', 0],
  ])('filters by %s', async (_, Filter, count) => {
    expect((await list({ Filter })).Users).toHaveLength(count);
  });

  it('refuses a filter it cannot read', async () => {
    expect(await refusal(list({ Filter: 'shoe = "9"' }))).toMatch(/^InvalidParameterException/);
  });
});
