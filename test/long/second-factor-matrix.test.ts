import { beforeAll, describe, expect, test } from 'vitest';
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
type Answers = { gateway: string; authenticate: string; withCode?: string; oauth: string };

/** What each endpoint answers to the right password (M2, M7), with the setting off and with it on. */
const matrix: [Row, { off: Answers; on: Answers }][] = [];

const open = { gateway: 'session', authenticate: 'token', oauth: 'token' };
const coded = { gateway: 'code', authenticate: 'mfa_required', withCode: 'token', oauth: 'mfa_required' };
const owing = { gateway: 'enrolment', authenticate: 'mfa_enrollment_required', oauth: 'mfa_required' };
const elsewhere = { gateway: 'sso_only', authenticate: 'sso_only', oauth: 'sso_only' };
const program = { gateway: 'no_ui_access', authenticate: 'token', oauth: 'token' };

for (const type of ['Employee', 'External Employee'] as const) {
  matrix.push([[type, 'not sso', 'no factor'], { off: open, on: owing }]);
  matrix.push([[type, 'not sso', 'factor'], { off: coded, on: coded }]);
  matrix.push([[type, 'sso', 'no factor'], { off: elsewhere, on: elsewhere }]);
  matrix.push([[type, 'sso', 'factor'], { off: elsewhere, on: elsewhere }]);
}
matrix.push([['API Employee', 'not sso', 'no factor'], { off: program, on: program }]);
matrix.push([['API Employee', 'sso', 'no factor'], { off: program, on: program }]);

type Account = { userName: string; user: string; app?: Authenticator };

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
    return { userName: bot.userName, user: `${tenant.name}\\${bot.userName}` };
  }
  const person = await newPerson(tenant, { userType });
  const { browser } = await signInAt(tenant.name, person.userName);
  const app = factor === 'factor' ? (await enrol(browser)).app : undefined;
  if (sso === 'sso') {
    const body = { isSso: true };
    await request('PATCH', `/v2/hr/employees/${person.id}`, { token: tenant.admin, body });
  }
  return { ...person, ...(app ? { app } : {}) };
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

describe.each(['off', 'on'] as const)('with Require MFA for non-SSO users %s', (setting) => {
  beforeAll(() => requireMfa(tenant, setting === 'on'));

  test.each(matrix)('%s', async (row, answers) => {
    const expected = answers[setting];
    const { userName, user, app } = accounts.get(row.join()) ?? { userName: '', user: '' };
    expect(await atGateway(userName)).toBe(expected.gateway);
    const v2 = await authenticate(tenant.name, userName);
    expect(v2.error?.reason ?? 'token').toBe(expected.authenticate);
    const oauth = await fetchToken(user, PASSWORD);
    expect(oauth.reason ?? 'token').toBe(expected.oauth);
    if (expected.withCode === undefined || app === undefined) return;
    const coded = await authenticate(tenant.name, userName, { MFACode: await app.code() });
    expect(coded.error?.reason ?? 'token').toBe(expected.withCode);
  });

  test.each(matrix)('%s: a wrong password is told no more than anywhere (S1)', async (row) => {
    const { userName, user } = accounts.get(row.join()) ?? { userName: '', user: '' };
    expect((await fetchToken(user, 'wrong wrong wrong')).reason).toBe('credentials_wrong');
    const v2 = await authenticate(tenant.name, userName, {
      Password: 'wrong wrong wrong',
      MFACode: '123456',
    });
    expect(v2.error?.reason).toBe('credentials_wrong');
  });
});
