import { expect, it, test } from 'vitest';
import type { RoleFacts } from '../../shared/rules/rights.ts';
import { checkToken, type TokenCheckFacts } from '../../shared/rules/token-check.ts';
import { mayIssueToken } from '../../shared/rules/tokens.ts';
import { USER_TYPES } from '../../shared/rules/user-types.ts';

const role: RoleFacts = {
  id: 5,
  name: 'Service Desk Manager',
  active: true,
  external: false,
  system: true,
  administrator: false,
  apiAccess: true,
  rights: {},
};
const good: TokenCheckFacts = {
  userType: 'API Employee',
  active: true,
  sso: false,
  roles: [role],
  tenantActive: true,
  requireMfa: false,
  passwordSet: true,
  emailAddress: 'bot@acme.example',
  lastMail: 'sent',
  throttledSeconds: 0,
  throttledNetworks: 0,
};
const failed = (facts: TokenCheckFacts) => checkToken(facts).conditions.filter(({ passed }) => !passed);

it('passes every condition of a good account, and has nothing to do', () => {
  const { canGetToken, conditions } = checkToken(good);
  expect(canGetToken).toBe(true);
  expect(conditions.map(({ passed, toDo }) => [passed, toDo])).toEqual(conditions.map(() => [true, null]));
});

test.each<[string, Partial<TokenCheckFacts>, RegExp]>([
  ['company_active', { tenantActive: false }, /suspended/],
  ['account_active', { active: false }, /Activate/],
  ['password_set', { passwordSet: false }, /Reset and send instructions/],
  ['role_with_api_access', { roles: [] }, /Assign an active security role/],
  ['role_with_api_access', { roles: [{ ...role, active: false }] }, /Assign an active security role/],
  ['role_with_api_access', { roles: [{ ...role, apiAccess: false }] }, /Service Desk Manager/],
  ['password_sign_in', { userType: 'Employee', sso: true }, /SSO/],
  ['second_factor', { userType: 'Employee', requireMfa: true }, /second factor/],
  ['not_throttled', { throttledSeconds: 61 }, /61 more seconds/],
  ['not_throttled', { throttledNetworks: 2 }, /2 of its own networks/],
])('%s fails, blocks, and says what to do (%j)', (condition, change, toDo) => {
  const facts = { ...good, ...change };
  expect(failed(facts)).toEqual([
    { condition, passed: false, blocking: true, toDo: expect.stringMatching(toDo) },
  ]);
  expect(checkToken(facts).canGetToken).toBe(false);
});

test.each<[string, Partial<TokenCheckFacts>]>([
  ['mail_address', { emailAddress: undefined }],
  ['last_mail', { lastMail: 'dropped' }],
  ['last_mail', { lastMail: 'pending' }],
  ['last_mail', { lastMail: 'bounced' }],
])('%s fails without refusing a token (%j)', (condition, change) => {
  expect(failed({ ...good, ...change })).toMatchObject([{ condition, blocking: false }]);
  expect(checkToken({ ...good, ...change }).canGetToken).toBe(true);
});

it('agrees with the rule that issues tokens, in every combination', () => {
  const flags = [true, false];
  const roles = [[], [role], [{ ...role, apiAccess: false }], [{ ...role, active: false }]];
  let compared = 0;
  for (const userType of USER_TYPES)
    for (const active of flags)
      for (const sso of flags)
        for (const tenantActive of flags)
          for (const requireMfa of flags)
            for (const held of roles) {
              const account = { userType, active, sso, tenantActive, requireMfa, roles: held };
              const issued = mayIssueToken({ ...account, secondFactorPassed: false }).ok;
              expect(checkToken({ ...good, ...account }).canGetToken).toBe(issued);
              compared += 1;
            }
  expect(compared).toBe(192);
});
