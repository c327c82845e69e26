import { describe, expect, test } from 'vitest';
import { linkMinutes } from '../../shared/rules/lifetimes.ts';
import {
  type LinkFacts,
  mayRedeemLink,
  maySendInstructions,
  maySetPasswordByHand,
} from '../../shared/rules/passwords.ts';

const NOW = 1_000_000;

function redeem(change: Partial<LinkFacts> = {}) {
  const valid: LinkFacts = {
    secretMatches: true,
    used: false,
    expiresAtEpochSeconds: NOW + 1,
    newest: true,
    accountActive: true,
    leaseUntilEpochSeconds: undefined,
  };
  const decision = mayRedeemLink({ ...valid, ...change }, NOW);
  return decision.ok ? 'granted' : decision.refusal.reason;
}

describe('M3 a link', () => {
  test('M3 is good until its last second', () => {
    expect(redeem()).toBe('granted');
  });

  test.each<[string, Partial<LinkFacts>, string]>([
    ['with a wrong secret', { secretMatches: false }, 'link_unknown'],
    ['of an inactive account', { accountActive: false }, 'link_unknown'],
    ['used', { used: true }, 'link_used'],
    ['older than another', { newest: false }, 'link_superseded'],
    ['expired', { expiresAtEpochSeconds: NOW - 1 }, 'link_expired'],
    ['in the second in which it expires', { expiresAtEpochSeconds: NOW }, 'link_expired'],
    ['held by another attempt', { leaseUntilEpochSeconds: NOW + 1 }, 'link_in_use'],
  ])('M3 is refused %s', (_state, spoiled, reason) => {
    expect(redeem(spoiled)).toBe(reason);
  });

  test.each([
    ['ends this second', NOW],
    ['ended before', NOW - 60],
    ['was given back', 0],
  ])('M3 is good again when the lease of another attempt %s', (_when, leaseUntilEpochSeconds) => {
    expect(redeem({ leaseUntilEpochSeconds })).toBe('granted');
  });

  const states: LinkFacts[] = [];
  for (const used of [true, false])
    for (const newest of [true, false])
      for (const accountActive of [true, false])
        for (const expiresAtEpochSeconds of [NOW - 1, NOW, NOW + 1])
          for (const leaseUntilEpochSeconds of [undefined, NOW - 1, NOW + 1])
            states.push({
              secretMatches: true,
              used,
              newest,
              accountActive,
              expiresAtEpochSeconds,
              leaseUntilEpochSeconds,
            });

  test('M3 S2 a wrong secret learns nothing: one answer in every state', () => {
    expect(new Set(states.map((state) => redeem({ ...state, secretMatches: false })))).toEqual(
      new Set(['link_unknown']),
    );
  });

  test('M3 S2 an inactive account looks like a wrong secret in every state', () => {
    const inactive = states.filter((state) => !state.accountActive);
    expect(new Set(inactive.map((state) => redeem(state)))).toEqual(new Set(['link_unknown']));
  });

  test('M3 of all states exactly those are good in which every fact is', () => {
    const good = states.filter((state) => redeem(state) === 'granted');
    expect(good.map((state) => state.leaseUntilEpochSeconds)).toEqual([undefined, NOW - 1]);
    expect(good.every((state) => !state.used && state.newest && state.accountActive)).toBe(true);
    expect(good.every((state) => state.expiresAtEpochSeconds > NOW)).toBe(true);
  });

  test.each<[string, Partial<LinkFacts>, string]>([
    ['used before superseded', { used: true, newest: false }, 'link_used'],
    ['superseded before expired', { newest: false, expiresAtEpochSeconds: NOW - 1 }, 'link_superseded'],
    [
      'expired before in use',
      { expiresAtEpochSeconds: NOW - 1, leaseUntilEpochSeconds: NOW + 1 },
      'link_expired',
    ],
  ])('M3 of two reasons tells %s', (_order, spoiled, reason) => {
    expect(redeem(spoiled)).toBe(reason);
  });

  test('M3 M4 S2 is good for 30 minutes when the owner asked, 24 hours when an admin sent it', () => {
    expect([linkMinutes({}, 'owner'), linkMinutes({}, 'admin')]).toEqual([30, 1440]);
  });
});

describe('M4 M5 instructions', () => {
  test('M4 go to the address of an active account', () => {
    expect(maySendInstructions({ active: true, emailAddress: 'bot@acme.example' })).toEqual({
      ok: true,
      value: 'bot@acme.example',
    });
  });

  test.each([
    ['M5 no mail address', { active: true, emailAddress: undefined }, 'mail_address_missing'],
    ['M4 an inactive account', { active: false, emailAddress: 'bot@acme.example' }, 'account_inactive'],
    [
      'M4 an inactive account without an address',
      { active: false, emailAddress: undefined },
      'account_inactive',
    ],
  ])('%s is told to the admin', (_what, account, reason) => {
    expect(maySendInstructions(account)).toEqual({ ok: false, refusal: { reason } });
  });
});

describe('M6 a password by hand', () => {
  test('M6 is refused for an API Employee', () => {
    expect(maySetPasswordByHand('API Employee')).toEqual({
      ok: false,
      refusal: { reason: 'manual_password_for_api_employee' },
    });
  });

  test.each([['Employee'], ['External Employee']] as const)('M6 may be set for an %s', (userType) => {
    expect(maySetPasswordByHand(userType)).toEqual({ ok: true, value: null });
  });
});
