import { describe, expect, it, test } from 'vitest';
import { otpAuthUri } from '../../functions/gateway/enrol-page.ts';
import { hashOf, newRecoveryCodes } from '../../functions/gateway/recovery-codes.ts';
import { checkSecondFactor, foldRecoveryCode, parseCode } from '../../shared/rules/second-factor.ts';
import {
  mayUseSession,
  SESSION_ABSOLUTE_SECONDS,
  SESSION_IDLE_SECONDS,
  type SessionFacts,
} from '../../shared/rules/sessions.ts';

const START = 1_800_000_000;
const account = {
  userType: 'Employee',
  active: true,
  sso: false,
  tenantActive: true,
  requireMfa: false,
  generation: 'p1',
  tokensValidAfterEpochSeconds: START - 1,
} as const;
const session: SessionFacts = {
  signedInAtEpochSeconds: START,
  lastSeenAtEpochSeconds: START,
  generation: 'p1',
  secondFactorPassed: false,
  account,
};

describe('a session', () => {
  it('is good while nothing ended it', () => {
    expect(mayUseSession(session, START + 1).ok).toBe(true);
  });

  test.each<[string, Partial<SessionFacts>, number]>([
    ['left alone for 30 minutes', {}, START + SESSION_IDLE_SECONDS],
    [
      '12 hours old, however busy',
      { lastSeenAtEpochSeconds: START + SESSION_ABSOLUTE_SECONDS - 1 },
      START + SESSION_ABSOLUTE_SECONDS,
    ],
    ['without its account', { account: undefined }, START],
    ['of an inactive account', { account: { ...account, active: false } }, START],
    ['of a suspended company', { account: { ...account, tenantActive: false } }, START],
    ['of an account on SSO', { account: { ...account, sso: true } }, START],
    ['of an API Employee (M7)', { account: { ...account, userType: 'API Employee' } }, START],
    [
      'without the factor that the company requires now',
      { account: { ...account, requireMfa: true } },
      START,
    ],
    ['of another generation', { account: { ...account, generation: 'p2' } }, START],
    ['revoked in its own second', { account: { ...account, tokensValidAfterEpochSeconds: START } }, START],
  ])('%s has ended', (_, change, now) => {
    const decision = mayUseSession({ ...session, ...change }, now);
    expect(decision).toMatchObject({ ok: false, refusal: { reason: 'session_ended' } });
  });

  it('with the factor goes on when the company comes to require one', () => {
    const strict = { ...session, secondFactorPassed: true, account: { ...account, requireMfa: true } };
    expect(mayUseSession(strict, START + 1).ok).toBe(true);
  });

  it('is good one second before each limit', () => {
    expect(mayUseSession(session, START + SESSION_IDLE_SECONDS - 1).ok).toBe(true);
    const busy = { ...session, lastSeenAtEpochSeconds: START + SESSION_ABSOLUTE_SECONDS - 2 };
    expect(mayUseSession(busy, START + SESSION_ABSOLUTE_SECONDS - 1).ok).toBe(true);
  });
});

describe('the rule of the second factor', () => {
  const person = { userType: 'Employee', sso: false, requireMfa: true, secondFactorPassed: false } as const;

  test.each([
    ['refuses where it is not known whether there is one', {}, 'mfa_required'],
    ['asks for the one that is there', { hasSecondFactor: true }, 'mfa_required'],
    ['asks for it with the setting off, too', { hasSecondFactor: true, requireMfa: false }, 'mfa_required'],
    ['sends to enrol', { hasSecondFactor: false }, 'mfa_enrollment_required'],
    [
      'sends to enrol after a recovery code, with the setting off, too',
      { hasSecondFactor: false, requireMfa: false, mustEnrol: true },
      'mfa_enrollment_required',
    ],
    ['is content with one that was passed', { secondFactorPassed: true }, undefined],
    ['asks nothing with the setting off', { requireMfa: false, hasSecondFactor: false }, undefined],
    ['never binds people on SSO', { sso: true, hasSecondFactor: false }, undefined],
    ['never binds an API Employee', { userType: 'API Employee', mustEnrol: true }, undefined],
  ] as const)('%s', (_, change, reason) => {
    const decision = checkSecondFactor({ ...person, ...change });
    expect(decision.ok ? undefined : decision.refusal.reason).toBe(reason);
  });
});

describe('codes', () => {
  test.each([
    ['123456', '123456'],
    ['123 456', '123456'],
    [' 123-456 ', '123456'],
    ['12345', undefined],
    ['1234567', undefined],
    ['١٢٣٤٥٦', undefined],
  ])('%s is read as %s', (typed, code) => {
    expect(parseCode(typed)).toBe(code);
  });

  it('of recovery are ten, all different, each of 80 bits, and bound to the account', () => {
    const codes = newRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    const [code = ''] = codes;
    expect(hashOf({ tenant: 'acme', id: 1 }, code)).not.toBe(hashOf({ tenant: 'acme', id: 2 }, code));
    const sloppy = code.toLowerCase().replaceAll('-', ' ').replaceAll('o', '0').replaceAll('i', '1');
    expect(foldRecoveryCode(sloppy)).toBe(code.replaceAll('-', ''));
  });

  it('the key-URI names company and user, whatever is in their names', () => {
    const who = { tenant: { company: 'Bäcker & Söhne: IT' }, employee: { userName: 'a?b@c' } };
    const uri = new URL(otpAuthUri(who, 'ABCDEFGH'));
    expect(decodeURIComponent(uri.pathname)).toContain('Bäcker & Söhne: IT:a?b@c');
    expect([...uri.searchParams]).toEqual([
      ['secret', 'ABCDEFGH'],
      ['issuer', 'Bäcker & Söhne: IT'],
    ]);
  });
});
