import type { UserPoolClientSettings, userPoolSettings } from '../../user-pool-settings.ts';

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
