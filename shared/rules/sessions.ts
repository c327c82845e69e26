import { type Decision, granted, refused } from './decision.ts';
import { needsSecondFactor } from './second-factor.ts';
import { isApiEmployee, type UserType } from './user-types.ts';

/** However busy: after that the password is asked for again. */
export const SESSION_ABSOLUTE_SECONDS = 12 * 60 * 60;
/** Without a request. */
export const SESSION_IDLE_SECONDS = 30 * 60;
/** A request writes the time of its session no more often than this. */
export const SESSION_TOUCH_SECONDS = 60;
/** Between the password and the code, or the factor that is to be set up first. */
export const PENDING_SIGN_IN_SECONDS = 15 * 60;

export type SessionRefusal = { readonly reason: 'session_missing' } | { readonly reason: 'session_ended' };

export type SessionFacts = {
  readonly signedInAtEpochSeconds: number;
  readonly lastSeenAtEpochSeconds: number;
  readonly generation: string;
  readonly secondFactorPassed: boolean;
  /** Undefined when the account is gone. */
  readonly account:
    | {
        readonly userType: UserType;
        readonly active: boolean;
        readonly sso: boolean;
        readonly tenantActive: boolean;
        readonly requireMfa: boolean;
        readonly generation: string | undefined;
        readonly tokensValidAfterEpochSeconds: number;
      }
    | undefined;
};

/** M7, M18: asked on every request, of what stands in the table then. */
export function mayUseSession(facts: SessionFacts, nowEpochSeconds: number): Decision<null, SessionRefusal> {
  const { account } = facts;
  if (account === undefined) return refused({ reason: 'session_ended' });
  const alive =
    account.active &&
    account.tenantActive &&
    !isApiEmployee(account.userType) &&
    !account.sso &&
    // The setting was switched on since: the next sign-in leads to a factor (M2).
    (facts.secondFactorPassed || !needsSecondFactor(account)) &&
    account.generation === facts.generation &&
    facts.signedInAtEpochSeconds > account.tokensValidAfterEpochSeconds &&
    nowEpochSeconds < sessionEnd(facts);
  return alive ? granted(null) : refused({ reason: 'session_ended' });
}

/** Whichever limit comes first. */
export function sessionEnd(
  session: Pick<SessionFacts, 'signedInAtEpochSeconds' | 'lastSeenAtEpochSeconds'>,
): number {
  return Math.min(
    session.signedInAtEpochSeconds + SESSION_ABSOLUTE_SECONDS,
    session.lastSeenAtEpochSeconds + SESSION_IDLE_SECONDS,
  );
}
