import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import type { RoleFacts } from '../../shared/rules/rights.ts';
import { checkToken, type TokenCheckFacts } from '../../shared/rules/token-check.ts';
import { mayIssueToken } from '../../shared/rules/tokens.ts';
import { anySignIn } from './arbitraries.ts';

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
  hasSecondFactor: false,
  passwordSet: true,
  emailAddress: 'bot@acme.example',
  lastMail: 'sent',
  mailProblem: undefined,
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
  ['second_factor', { userType: 'Employee', requireMfa: true }, /set up a second factor at the gateway/],
  ['second_factor', { userType: 'Employee', mustEnrol: true }, /set up a second factor at the gateway/],
  ['second_factor', { userType: 'Employee', hasSecondFactor: true }, /authenticate .* MFACode/],
  ['not_throttled', { throttledSeconds: 61 }, /61 more seconds/],
  ['not_throttled', { throttledNetworks: 1 }, /1 of its own networks is refused/],
  ['not_throttled', { throttledNetworks: 2 }, /2 of its own networks are refused/],
])('%s fails, blocks, and says what to do (%j)', (condition, change, toDo) => {
  const facts = { ...good, ...change };
  expect(failed(facts)).toEqual([
    { condition, passed: false, blocking: true, toDo: expect.stringMatching(toDo) },
  ]);
  expect(checkToken(facts).canGetToken).toBe(false);
});

test.each<[string, Partial<TokenCheckFacts>, RegExp]>([
  ['mail_address', { emailAddress: undefined }, /Enter an e-mail address/],
  ['mail_address', { mailProblem: 'bounced' }, /comes back: correct the address/],
  ['mail_address', { mailProblem: 'complained_of' }, /reported our mail as spam/],
  ['last_mail', { lastMail: 'dropped' }, /could not be sent/],
  ['last_mail', { lastMail: 'pending' }, /wait a minute/],
  ['last_mail', { lastMail: 'bounced' }, /came back/],
])('%s fails without refusing a token (%j)', (condition, change, toDo) => {
  expect(failed({ ...good, ...change })).toEqual([
    { condition, passed: false, blocking: false, toDo: expect.stringMatching(toDo) },
  ]);
  expect(checkToken({ ...good, ...change }).canGetToken).toBe(true);
});

const anyAccount = fc
  .tuple(anySignIn, fc.boolean(), fc.boolean())
  .map(([account, hasSecondFactor, mustEnrol]) => ({
    ...account,
    hasSecondFactor,
    mustEnrol,
    secondFactorPassed: false,
  }));

const agreesWithIssuing = (check: (facts: TokenCheckFacts) => boolean) =>
  fc.property(anyAccount, (account) => check({ ...good, ...account }) === mayIssueToken(account).ok);

it('says of any account what the rule that issues tokens says', () => {
  fc.assert(
    agreesWithIssuing((facts) => checkToken(facts).canGetToken),
    { numRuns: 2000 },
  );
});

test.each<[string, Partial<TokenCheckFacts>]>([
  ["the person's own factor", { hasSecondFactor: false }],
  ['an enrolment that is due', { mustEnrol: false }],
])('a planted check that overlooks %s is found', (_what, overlooked) => {
  const planted = (facts: TokenCheckFacts) => checkToken({ ...facts, ...overlooked }).canGetToken;
  expect(fc.check(agreesWithIssuing(planted), { numRuns: 2000, seed: 7 }).failed).toBe(true);
});
