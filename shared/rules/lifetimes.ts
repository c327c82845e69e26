/**
 * Lifetimes that a company sets for itself in Admin > My Company. Cognito's own are settings of the app client,
 * the same for every company: they are the upper bounds, and a company's shorter ones are enforced on each call.
 */
export type Bounds = { readonly minimum: number; readonly maximum: number; readonly standard: number };

export const LIFETIMES = {
  /** From the issue of an access token (`iat`). The maximum is the client's own; see infra/user-pool-settings.ts. */
  accessTokenMinutes: { minimum: 5, maximum: 60, standard: 60 },
  /** From the sign-in (`auth_time`), however often it was refreshed since. */
  refreshTokenDays: { minimum: 1, maximum: 30, standard: 30 },
  /** The owner asked: the mail is expected. From sending. */
  ownerLinkMinutes: { minimum: 5, maximum: 60, standard: 30 },
  /** An admin sent it: the owner may be asleep. From sending. */
  adminLinkHours: { minimum: 1, maximum: 72, standard: 24 },
} as const satisfies Record<string, Bounds>;

export type Lifetime = keyof typeof LIFETIMES;
export const LIFETIME_NAMES = Object.keys(LIFETIMES) as readonly Lifetime[];

/** What a company set; what it left alone is standard. */
export type LifetimeSettings = { readonly [Name in Lifetime]?: number | undefined };
export type Lifetimes = { readonly [Name in Lifetime]: number };

export function lifetimesOf(settings: LifetimeSettings): Lifetimes {
  const { accessTokenMinutes, refreshTokenDays, ownerLinkMinutes, adminLinkHours } = LIFETIMES;
  return {
    accessTokenMinutes: settings.accessTokenMinutes ?? accessTokenMinutes.standard,
    refreshTokenDays: settings.refreshTokenDays ?? refreshTokenDays.standard,
    ownerLinkMinutes: settings.ownerLinkMinutes ?? ownerLinkMinutes.standard,
    adminLinkHours: settings.adminLinkHours ?? adminLinkHours.standard,
  };
}

/** How long a link is good for, by who asked for it. */
export function linkMinutes(settings: LifetimeSettings, requestedBy: 'owner' | 'admin' | 'setup'): number {
  const { ownerLinkMinutes, adminLinkHours } = lifetimesOf(settings);
  return requestedBy === 'owner' ? ownerLinkMinutes : adminLinkHours * 60;
}

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;

export type TokenTimes = {
  /** `iat`: when this access token was issued. */
  readonly issuedAtEpochSeconds: number;
  /** `auth_time`: when the password was given; kept by every refresh. */
  readonly authTimeEpochSeconds: number;
  /** `exp`, which Cognito set. */
  readonly expiresAtEpochSeconds: number;
};

/** The second from which an access token is dead: its own `exp`, or the company's shorter lifetime. */
export function accessTokenEnd(settings: LifetimeSettings, token: TokenTimes): number {
  const { accessTokenMinutes, refreshTokenDays } = lifetimesOf(settings);
  return Math.min(
    token.expiresAtEpochSeconds,
    token.issuedAtEpochSeconds + accessTokenMinutes * MINUTE_SECONDS,
    token.authTimeEpochSeconds + refreshTokenDays * DAY_SECONDS,
  );
}

/** The second from which a sign-in is refreshed no more: as set when it began, or the company's shorter lifetime. */
export function signInEnd(
  settings: LifetimeSettings,
  signIn: { readonly authTime: number; readonly until: number },
): number {
  return Math.min(signIn.until, signIn.authTime + lifetimesOf(settings).refreshTokenDays * DAY_SECONDS);
}

/** What a reply may promise of tokens issued this very moment, by what Cognito says of them. */
export function toldLifetimes(
  settings: LifetimeSettings,
  issued: { readonly expiresInSeconds: number; readonly refreshTokenDays: number },
): { readonly expiresInSeconds: number; readonly refreshTokenDays: number } {
  const { accessTokenMinutes, refreshTokenDays } = lifetimesOf(settings);
  return {
    expiresInSeconds: Math.min(issued.expiresInSeconds, accessTokenMinutes * MINUTE_SECONDS),
    refreshTokenDays: Math.min(issued.refreshTokenDays, refreshTokenDays),
  };
}
