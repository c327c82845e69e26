import type { ChallengeSessions } from './challenge-sessions.ts';
import type { PoolIdentity } from './identity.ts';
import type { PoolSettings } from './settings.ts';
import type { Store } from './store.ts';

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
