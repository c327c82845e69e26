import { beforeAll, describe, expect, test } from 'vitest';
import { postForm, refreshV2 } from '../support/oauth.ts';
import {
  type Authenticator,
  authenticate,
  enrol,
  newPerson,
  requireMfa,
  signInAt,
} from '../support/people.ts';
import {
  choosePassword,
  fetchToken,
  mailedLink,
  newEmployee,
  newTenant,
  PASSWORD,
  ROLES,
  request,
  type Tenant,
} from '../support/world.ts';

type Type = 'Employee' | 'External Employee' | 'API Employee';
type Row = [Type, 'sso' | 'not sso', 'factor' | 'no factor'];
type Answers = {
  gateway: string;
  authenticate: string;
  withCode?: string;
  oauth: string;
  v1: string;
  /** Of a sign-in made while it was still open to the account. */
  refresh: string;
};

/** What each endpoint answers to the right password (M2, M7), with the setting off and with it on. */
const matrix: [Row, { off: Answers; on: Answers }][] = [];

const open = { gateway: 'session', authenticate: 'token', oauth: 'token', v1: 'token', refresh: 'token' };
const coded = {
  gateway: 'code',
  authenticate: 'mfa_required',
  withCode: 'token',
  oauth: 'mfa_required',
  v1: 'mfa_required',
  refresh: 'token',
};
const owing = {
  gateway: 'enrolment',
  authenticate: 'mfa_enrollment_required',
  oauth: 'mfa_required',
  v1: 'mfa_required',
  refresh: 'mfa_required',
};
const elsewhere = {
  gateway: 'sso_only',
  authenticate: 'sso_only',
  oauth: 'sso_only',
  v1: 'sso_only',
  refresh: 'sso_only',
};
const program = {
  gateway: 'no_ui_access',
  authenticate: 'token',
  oauth: 'token',
  v1: 'token',
  refresh: 'token',
};

for (const type of ['Employee', 'External Employee'] as const) {
  matrix.push([[type, 'not sso', 'no factor'], { off: open, on: owing }]);
  matrix.push([[type, 'not sso', 'factor'], { off: coded, on: coded }]);
  matrix.push([[type, 'sso', 'no factor'], { off: elsewhere, on: elsewhere }]);
  matrix.push([[type, 'sso', 'factor'], { off: elsewhere, on: elsewhere }]);
}
matrix.push([['API Employee', 'not sso', 'no factor'], { off: program, on: program }]);
matrix.push([['API Employee', 'sso', 'no factor'], { off: program, on: program }]);

type Tokens = { accessToken: string; refreshToken: string };
type Account = { userName: string; user: string; app?: Authenticator; tokens: Tokens };

let tenant: Tenant;
const accounts = new Map<string, Account>();
beforeAll(async () => {
  tenant = await newTenant({ licences: 20 });
  for (const role of [ROLES.externalUser, ROLES.serviceDeskManager]) {
    await request('PATCH', `/v2/admin/security/roles/${role}`, {
      token: tenant.admin,
      body: { apiAccess: true },
    });
  }
  for (const [row] of matrix) accounts.set(row.join(), await newAccount(row));
}, 120_000);

async function newAccount([userType, sso, factor]: Row): Promise<Account> {
  if (userType === 'API Employee') {
    const securityRoleIds = [ROLES.serviceDeskManager];
    const bot = await newEmployee(tenant, { securityRoleIds, isSso: sso === 'sso', sendInstructions: true });
    await choosePassword(await mailedLink(bot.emailAddress), PASSWORD);
    const tokens = await tokensOf(bot.userName);
    return { userName: bot.userName, user: `${tenant.name}\\${bot.userName}`, tokens };
  }
  const person = await newPerson(tenant, { userType });
  const { browser } = await signInAt(tenant.name, person.userName);
  const app = factor === 'factor' ? (await enrol(browser)).app : undefined;
  const tokens = await tokensOf(person.userName, app);
  if (sso === 'sso') {
    const body = { isSso: true };
    await request('PATCH', `/v2/hr/employees/${person.id}`, { token: tenant.admin, body });
  }
  return { ...person, ...(app ? { app } : {}), tokens };
}

async function tokensOf(userName: string, app?: Authenticator): Promise<Tokens> {
  const reply = await authenticate(tenant.name, userName, app ? { MFACode: await app.code() } : {});
  expect(reply.status).toBe(200);
  return reply.result as Tokens;
}

async function byV1(userName: string): Promise<string> {
  const fields = { grant_type: 'password', username: userName, password: PASSWORD, tenant: tenant.name };
  const { body } = await postForm('/api/token', fields);
  return 'access_token' in body ? 'token' : String(body.reason);
}

/** Exchanges the account's refresh token, and keeps what came of it for the next time. */
async function byRefresh(account: Account): Promise<string> {
  const { body } = await refreshV2(account.tokens);
  if (body.error) return (body.error as { reason: string }).reason;
  account.tokens = body.result as Tokens;
  return 'token';
}

const ENDINGS: Record<string, RegExp> = {
  session: /<h1>Signed in as/,
  code: /<h1>Enter your code/,
  enrolment: /<h1>Set up your authenticator app/,
  sso_only: /single sign-on/,
  no_ui_access: /no access to the user interface/,
};

async function atGateway(userName: string): Promise<string> {
  const { browser, page } = await signInAt(tenant.name, userName);
  const [ending = 'something else'] = Object.entries(ENDINGS).find(([, mark]) => mark.test(page.html)) ?? [];
  expect(browser.cookies.has('__Host-session'), 'a session where one is due, and only there').toBe(
    ending === 'session',
  );
  return ending;
}

function accountOf(row: Row): Account {
  const account = accounts.get(row.join());
  if (account === undefined) throw new Error(`No account was made for ${row}`);
  return account;
}

describe.each(['off', 'on'] as const)('with Require MFA for non-SSO users %s', (setting) => {
  beforeAll(() => requireMfa(tenant, setting === 'on'));

  test.each(matrix)('%s', async (row, answers) => {
    const expected = answers[setting];
    const account = accountOf(row);
    const { userName, user, app } = account;
    expect(await atGateway(userName)).toBe(expected.gateway);
    const v2 = await authenticate(tenant.name, userName);
    expect(v2.error?.reason ?? 'token').toBe(expected.authenticate);
    const oauth = await fetchToken(user, PASSWORD);
    expect(oauth.reason ?? 'token').toBe(expected.oauth);
    expect(await byV1(userName)).toBe(expected.v1);
    expect(await byRefresh(account)).toBe(expected.refresh);
    if (expected.withCode === undefined || app === undefined) return;
    const coded = await authenticate(tenant.name, userName, { MFACode: await app.code() });
    expect(coded.error?.reason ?? 'token').toBe(expected.withCode);
  });

  test.each(matrix)('%s: a wrong password is told no more than anywhere (S1)', async (row) => {
    const { userName, user } = accountOf(row);
    expect((await fetchToken(user, 'wrong wrong wrong')).reason).toBe('credentials_wrong');
    const v2 = await authenticate(tenant.name, userName, {
      Password: 'wrong wrong wrong',
      MFACode: '123456',
    });
    expect(v2.error?.reason).toBe('credentials_wrong');
  });
});
