import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { granted } from '../../shared/rules/decision.ts';
import { maySignInAtGateway } from '../../shared/rules/gateway.ts';
import { mayIssueToken, mayIssueTokenWithoutCode, mayUseToken } from '../../shared/rules/tokens.ts';
import { anyRole, anyRoles, anySignIn } from './arbitraries.ts';
import { ADMINISTRATOR, signIn } from './fixtures.ts';

type IssueRule = typeof mayIssueToken;

const neverWithoutAccess = (rule: IssueRule) =>
  fc.property(anySignIn, (account) => {
    const mayObtain = account.roles.some((role) => role.active && (role.administrator || role.apiAccess));
    return !rule(account).ok || (mayObtain && account.active && account.tenantActive);
  });

const mfaNeverBindsApiEmployees = (rule: IssueRule) =>
  fc.property(anySignIn, ({ requireMfa: _, ...rest }) => {
    const account = { ...rest, userType: 'API Employee' } as const;
    expect(rule({ ...account, requireMfa: true })).toEqual(rule({ ...account, requireMfa: false }));
  });

const mfaBindsPeople = (rule: IssueRule) =>
  fc.property(anySignIn, fc.constantFrom('Employee', 'External Employee'), (facts, userType) => {
    const account = { ...facts, userType, sso: false, requireMfa: true, secondFactorPassed: false };
    return !rule(account).ok;
  });

const inactiveRoleChangesNothing = (rule: IssueRule) =>
  fc.property(anySignIn, anyRole, fc.nat(3), (account, extra, at) => {
    const roles = account.roles.toSpliced(at, 0, { ...extra, active: false });
    expect(rule({ ...account, roles })).toEqual(rule(account));
  });

const sameForEveryTypeWithoutMfa = (rule: IssueRule) =>
  fc.property(anySignIn, (facts) => {
    const account = { ...facts, sso: false, requireMfa: false };
    const answer = rule({ ...account, userType: 'API Employee' });
    expect(rule({ ...account, userType: 'Employee' })).toEqual(answer);
    expect(rule({ ...account, userType: 'External Employee' })).toEqual(answer);
  });

describe('every token', () => {
  test.each([
    ['M15 needs an active role with API Access, or Administrator', neverWithoutAccess],
    ['M2 Require MFA never changes the answer for an API Employee', mfaNeverBindsApiEmployees],
    ['M2 Require MFA binds people who are not on SSO', mfaBindsPeople],
    ['M15 an inactive role more never changes the answer', inactiveRoleChangesNothing],
    ['M15 the same rule for every user type', sameForEveryTypeWithoutMfa],
  ])('%s', (_name, property) => {
    fc.assert<unknown>(property(mayIssueToken), { numRuns: 1000 });
  });

  test('M15 Administrator may always obtain one, whatever other roles are held', () => {
    fc.assert(
      fc.property(anyRoles, (others) => mayIssueToken(signIn({ roles: [...others, ADMINISTRATOR] })).ok),
    );
  });

  test('M15 one more role never takes it away', () => {
    fc.assert(
      fc.property(anySignIn, anyRole, (account, extra) => {
        return (
          !mayIssueToken(account).ok || mayIssueToken({ ...account, roles: [...account.roles, extra] }).ok
        );
      }),
    );
  });

  test('M18 is still good on a call exactly as long as it would be issued again', () => {
    fc.assert(
      fc.property(anySignIn, (facts) => {
        // Whoever has a factor got the token with it; whoever has none, without one.
        const account = { ...facts, hasSecondFactor: facts.secondFactorPassed };
        const used = mayUseToken({
          account: { ...account, generation: 'a1', tokensValidAfterEpochSeconds: 0 },
          familyEnded: false,
          tokenGeneration: 'a1',
          authTimeEpochSeconds: 1,
        });
        expect(used).toEqual(mayIssueTokenWithoutCode(account));
      }),
    );
  });

  test('is granted to a good share of the random accounts', () => {
    const accounts = fc.sample(anySignIn, { numRuns: 1000, seed: 5 });
    const share = accounts.filter((account) => mayIssueToken(account).ok).length;
    expect(share).toBeGreaterThan(100);
    expect(share).toBeLessThan(900);
  });
});

describe('a planted fault is caught:', () => {
  const countsInactiveRoles: IssueRule = (account) =>
    mayIssueToken({ ...account, roles: account.roles.map((role) => ({ ...role, active: true })) });
  const bindsApiEmployees: IssueRule = (account) =>
    mayIssueToken({ ...account, userType: account.requireMfa ? 'Employee' : account.userType });
  const sparesExternals: IssueRule = (account) =>
    account.userType === 'External Employee'
      ? mayIssueToken({ ...account, requireMfa: false })
      : mayIssueToken(account);
  const trustsAnyRole: IssueRule = (account) => {
    const decision = mayIssueToken(account);
    return !decision.ok && decision.refusal.reason === 'role_without_api_access' ? granted(null) : decision;
  };
  const everyApiEmployee: IssueRule = (account) =>
    account.userType === 'API Employee' && account.active && account.tenantActive
      ? granted(null)
      : mayIssueToken(account);

  test.each([
    ['M15 inactive roles counted', countsInactiveRoles, neverWithoutAccess],
    ['M15 inactive roles counted', countsInactiveRoles, inactiveRoleChangesNothing],
    ['M15 any role trusted', trustsAnyRole, neverWithoutAccess],
    ['M15 every API Employee trusted', everyApiEmployee, neverWithoutAccess],
    ['M15 a rule of its own for API Employees', everyApiEmployee, sameForEveryTypeWithoutMfa],
    ['M2 MFA asked of API Employees', bindsApiEmployees, mfaNeverBindsApiEmployees],
    ['M2 External Employees spared', sparesExternals, mfaBindsPeople],
  ])('%s', (_fault, bad, property) => {
    expect(fc.check<unknown>(property(bad), { numRuns: 2000, seed: 7 }).failed).toBe(true);
  });
});

describe('M7 the gateway', () => {
  test('M7 lets no API Employee in, whatever else is true', () => {
    fc.assert(
      fc.property(anySignIn, (account) => !maySignInAtGateway({ ...account, userType: 'API Employee' }).ok),
    );
  });

  test('M7 tells an API Employee in good standing why', () => {
    expect(maySignInAtGateway(signIn())).toEqual({ ok: false, refusal: { reason: 'no_ui_access' } });
  });

  test.each([
    ['Employee', {}, 'granted'],
    ['External Employee', {}, 'granted'],
    ['Employee', { roles: [] }, 'granted'],
    ['Employee', { active: false }, 'account_inactive'],
    ['Employee', { tenantActive: false }, 'tenant_suspended'],
    ['Employee', { requireMfa: true }, 'mfa_required'],
    ['External Employee', { requireMfa: true }, 'mfa_required'],
    ['Employee', { requireMfa: true, sso: true }, 'sso_only'],
    ['Employee', { requireMfa: true, secondFactorPassed: true }, 'granted'],
  ] as const)('M2 M7 %s with %j: %s', (userType, facts, answer) => {
    const decision = maySignInAtGateway(signIn({ userType, ...facts }));
    expect(decision.ok ? 'granted' : decision.refusal.reason).toBe(answer);
  });
});
