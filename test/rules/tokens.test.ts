import { describe, expect, test } from 'vitest';
import { needsSecondFactor } from '../../shared/rules/second-factor.ts';
import { mayIssueToken, mayUseToken, type TokenUseFacts } from '../../shared/rules/tokens.ts';
import { USER_TYPES } from '../../shared/rules/user-types.ts';
import { ADMINISTRATOR, INTEGRATION, role, signIn } from './fixtures.ts';

const GRANTED = { ok: true, value: null };
const WITHOUT_ACCESS = role({ id: 22, name: 'Service Desk Manager', apiAccess: false });

describe('M15 API Access', () => {
  describe.each(USER_TYPES)('of an %s', (userType) => {
    test.each([
      ['one role with API Access', [INTEGRATION]],
      ['Administrator', [ADMINISTRATOR]],
      ['one role with API Access among others', [WITHOUT_ACCESS, INTEGRATION]],
      ['Administrator, whatever its API Access says', [{ ...ADMINISTRATOR, apiAccess: false }]],
      ['an inactive role besides', [role({ active: false, apiAccess: false }), INTEGRATION]],
    ])('M15 %s suffices', (_what, roles) => {
      expect(mayIssueToken(signIn({ userType, roles }))).toEqual(GRANTED);
    });

    test.each([
      ['no role', []],
      ['an inactive role only', [role({ active: false })]],
    ])('M15 %s: no token', (_what, roles) => {
      expect(mayIssueToken(signIn({ userType, roles }))).toEqual({
        ok: false,
        refusal: { reason: 'no_role' },
      });
    });

    test.each([
      ['one role without it', [WITHOUT_ACCESS], ['Service Desk Manager']],
      [
        'two, naming both',
        [WITHOUT_ACCESS, role({ name: 'User', apiAccess: false })],
        ['Service Desk Manager', 'User'],
      ],
      [
        'an inactive one that has it, not named',
        [WITHOUT_ACCESS, role({ active: false })],
        ['Service Desk Manager'],
      ],
    ])('M15 refuses %s', (_what, roles, names) => {
      expect(mayIssueToken(signIn({ userType, roles }))).toEqual({
        ok: false,
        refusal: { reason: 'role_without_api_access', roles: names },
      });
    });
  });

  test.each([
    ['account_inactive', { active: false }],
    ['tenant_suspended', { tenantActive: false }],
  ] as const)('M18 %s: no token, even for Administrator', (reason, fact) => {
    expect(mayIssueToken(signIn({ ...fact, roles: [ADMINISTRATOR] }))).toEqual({
      ok: false,
      refusal: { reason },
    });
  });
});

describe('M2 Require MFA for non-SSO users', () => {
  test.each([
    ['API Employee', false, false, 'token'],
    ['API Employee', true, false, 'token'],
    ['API Employee', false, true, 'token'],
    ['Employee', false, false, 'mfa_required'],
    ['Employee', false, true, 'token'],
    ['Employee', true, false, 'sso_only'],
    ['External Employee', false, false, 'mfa_required'],
    ['External Employee', false, true, 'token'],
    ['External Employee', true, false, 'sso_only'],
  ] as const)('M2 %s, SSO %s, second factor %s: %s', (userType, sso, secondFactorPassed, answer) => {
    const decision = mayIssueToken(signIn({ userType, sso, secondFactorPassed, requireMfa: true }));
    expect(decision).toEqual(answer === 'token' ? GRANTED : { ok: false, refusal: { reason: answer } });
  });

  test('M2 Administrator is bound like everyone else', () => {
    const boss = signIn({ userType: 'Employee', roles: [ADMINISTRATOR], requireMfa: true });
    expect(mayIssueToken(boss)).toMatchObject({ refusal: { reason: 'mfa_required' } });
  });

  test.each(USER_TYPES)('M2 asks no second factor of an %s while the setting is off', (userType) => {
    expect(needsSecondFactor(signIn({ userType }))).toBe(false);
  });

  test.each([
    ['tenant_suspended', { tenantActive: false }],
    ['account_inactive', { active: false }],
    ['no_role', { roles: [] }],
    ['role_without_api_access', { roles: [WITHOUT_ACCESS] }],
  ] as const)('M2 sends nobody for a second factor whom %s refuses anyway', (reason, fact) => {
    const decision = mayIssueToken(signIn({ userType: 'Employee', requireMfa: true, ...fact }));
    expect(decision).toMatchObject({ refusal: { reason } });
  });
});

describe('M18 a token on a call', () => {
  const account: NonNullable<TokenUseFacts['account']> = {
    userType: 'Employee',
    active: true,
    sso: false,
    roles: [INTEGRATION],
    tenantActive: true,
    requireMfa: false,
    hasSecondFactor: false,
    generation: 'a1',
    tokensValidAfterEpochSeconds: 1000,
  };
  const valid: TokenUseFacts = {
    account,
    familyEnded: false,
    tokenGeneration: 'a1',
    authTimeEpochSeconds: 1001,
  };

  test('M18 is good while every fact is', () => {
    expect(mayUseToken(valid)).toEqual(GRANTED);
  });

  test('M2 the SSO mark says nothing of an API Employee', () => {
    const bot = { ...account, userType: 'API Employee', sso: true } as const;
    expect(mayUseToken({ ...valid, account: bot })).toEqual(GRANTED);
  });

  test.each([
    ['an API Employee', { userType: 'API Employee' }],
    ['a person who has a second factor: the token was got with it', { hasSecondFactor: true }],
  ] as const)('M2 Require MFA leaves the token of %s', (_whose, fact) => {
    const bound = { ...account, requireMfa: true, ...fact };
    expect(mayUseToken({ ...valid, account: bound })).toEqual(GRANTED);
  });

  test.each<[string, Partial<TokenUseFacts>, string]>([
    ['the account is gone', { account: undefined }, 'token_ended'],
    ['it was revoked', { familyEnded: true }, 'token_ended'],
    ['the password changed since', { account: { ...account, generation: 'a2' } }, 'token_ended'],
    ['the password was taken away', { account: { ...account, generation: undefined } }, 'token_ended'],
    ['it bears another generation', { tokenGeneration: 'a0' }, 'token_ended'],
    ['sign-in was before the last cut', { authTimeEpochSeconds: 999 }, 'token_ended'],
    ['sign-in was in the very second of the cut', { authTimeEpochSeconds: 1000 }, 'token_ended'],
    ['the tenant is suspended', { account: { ...account, tenantActive: false } }, 'tenant_suspended'],
    ['the person was marked SSO', { account: { ...account, sso: true } }, 'sso_only'],
    ['the company requires MFA', { account: { ...account, requireMfa: true } }, 'mfa_required'],
    ['the account was deactivated', { account: { ...account, active: false } }, 'account_inactive'],
    ['the roles were taken away', { account: { ...account, roles: [] } }, 'no_role'],
    ['the role was deactivated', { account: { ...account, roles: [role({ active: false })] } }, 'no_role'],
    [
      'the role lost API Access',
      { account: { ...account, roles: [WITHOUT_ACCESS] } },
      'role_without_api_access',
    ],
  ])('M18 is refused once %s', (_when, spoiled, reason) => {
    expect(mayUseToken({ ...valid, ...spoiled })).toMatchObject({ ok: false, refusal: { reason } });
  });

  test.each<[string, TokenUseFacts['account']]>([
    ['suspended', { ...account, tenantActive: false }],
    ['inactive', { ...account, active: false }],
    ['without a role', { ...account, roles: [] }],
  ])('M18 an ended token tells nothing of an account that is %s', (_what, spoiled) => {
    expect(mayUseToken({ ...valid, account: spoiled, familyEnded: true })).toMatchObject({
      refusal: { reason: 'token_ended' },
    });
  });
});
