import { expect, it, test } from 'vitest';
import { userPoolSettings } from '../../infra/user-pool-settings.ts';
import {
  accessTokenEnd,
  LIFETIMES,
  lifetimesOf,
  linkMinutes,
  toldLifetimes,
} from '../../shared/rules/lifetimes.ts';

const NOW = 1_800_000_000;
const token = { issuedAtEpochSeconds: NOW, authTimeEpochSeconds: NOW, expiresAtEpochSeconds: NOW + 3600 };

test.each([
  ['its own end without a setting', {}, token, 3600],
  ['the shorter life of the company', { accessTokenMinutes: 5 }, token, 300],
  ['its own end where the setting is longer', { accessTokenMinutes: 90 }, token, 3600],
  [
    'the end of the sign-in, however freshly refreshed',
    { refreshTokenDays: 1 },
    { ...token, authTimeEpochSeconds: NOW - 86_400 + 60 },
    60,
  ],
])('an access token lives until %s', (_, settings, times, seconds) => {
  expect(accessTokenEnd(settings, times) - NOW).toBe(seconds);
});

it('links live as the company says, by who asked', () => {
  expect(linkMinutes({}, 'owner')).toBe(30);
  expect(linkMinutes({}, 'admin')).toBe(24 * 60);
  expect(linkMinutes({ ownerLinkMinutes: 5, adminLinkHours: 72 }, 'owner')).toBe(5);
  expect(linkMinutes({ ownerLinkMinutes: 5, adminLinkHours: 72 }, 'setup')).toBe(72 * 60);
});

it('replies promise no more than is kept', () => {
  const issued = { expiresInSeconds: 3600, refreshTokenDays: 30 };
  expect(toldLifetimes({}, issued)).toEqual(issued);
  expect(toldLifetimes({ accessTokenMinutes: 10, refreshTokenDays: 2 }, issued)).toEqual({
    expiresInSeconds: 600,
    refreshTokenDays: 2,
  });
});

it('the upper bounds are those of the app client', () => {
  const { accessTokenMinutes, refreshTokenDays } = userPoolSettings.clients.api;
  expect(LIFETIMES.accessTokenMinutes.maximum).toBe(accessTokenMinutes);
  expect(LIFETIMES.refreshTokenDays.maximum).toBe(refreshTokenDays);
  for (const [name, { minimum, maximum, standard }] of Object.entries(LIFETIMES)) {
    expect(lifetimesOf({})).toHaveProperty(name, standard);
    expect(standard).toBeGreaterThanOrEqual(minimum);
    expect(standard).toBeLessThanOrEqual(maximum);
  }
});
