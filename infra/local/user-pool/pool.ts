import type { UserPoolClientSettings, userPoolSettings } from '../../user-pool-settings.ts';
import type { ChallengeSessions } from './challenge-sessions.ts';
import type { PoolIdentity } from './identity.ts';
import type { Store } from './store.ts';

type DeployedSettings = typeof userPoolSettings;

/**
 * What the pool may be told. Numbers and password rules may vary; the switches that the stand-in imitates in one
 * position only (sign-up closed, OPTIONAL software-token MFA, case-sensitive names) keep their literal types, so a
 * change of them in user-pool-settings.ts fails to compile here rather than being ignored.
 */
export type PoolSettings = Omit<DeployedSettings, 'passwordPolicy' | 'clients'> & {
  readonly passwordPolicy: {
    readonly [rule in keyof DeployedSettings['passwordPolicy']]: DeployedSettings['passwordPolicy'][rule] extends number
      ? number
      : boolean;
  };
  readonly clients: Readonly<Record<'api' | 'gateway', UserPoolClientSettings>>;
};

export type ClientName = keyof PoolSettings['clients'];

/** Receives Cognito's V2_0 pre token generation event and answers it with `response` filled in. */
export type PreTokenTrigger = (event: unknown) => Promise<unknown>;

/** Everything an operation works with. */
export type Pool = {
  readonly identity: PoolIdentity;
  readonly settings: PoolSettings;
  readonly store: Store;
  readonly sessions: ChallengeSessions;
  readonly preTokenTrigger: PreTokenTrigger;
  readonly now: () => Date;
};
