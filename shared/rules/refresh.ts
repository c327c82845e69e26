import { type Decision, refused } from './decision.ts';
import {
  mayIssueTokenWithoutCode,
  mayUseToken,
  type SignInFacts,
  type TokenRefusalWithoutCode,
} from './tokens.ts';

/** A token that was just replaced still works: its answer may have been lost. Cognito's own limit is the same. */
const REFRESH_GRACE_SECONDS = 60;
/** Tokens made of one token while its grace lasts, for a client that asks with several threads at once. */
const MAX_LIVE_TOKENS = 8;

/** Which tokens of a family may be used. All are hashes. */
export type Rotation = {
  readonly live: readonly string[];
  readonly replaced?: string | undefined;
  readonly replacedAt?: number | undefined;
};

export type RefreshFacts = {
  readonly account:
    | (Omit<SignInFacts, 'secondFactorPassed'> & {
        readonly hasSecondFactor: boolean;
        readonly generation: string | undefined;
        readonly tokensValidAfterEpochSeconds: number;
      })
    | undefined;
  readonly familyEnded: boolean;
  readonly family: Rotation & {
    readonly until: number;
    readonly authTime: number;
    readonly secondFactorPassed: boolean;
  };
  readonly familyGeneration: string;
  /** Hash of the token that is presented; its seal was checked, so the family did issue it. */
  readonly presented: string;
  readonly nowEpochSeconds: number;
};

export type RefreshRefusal =
  | { readonly reason: 'refresh_token_invalid' }
  /** Used again after its grace: a copy is about, so the family must end (RFC 9700 4.14.2). */
  | { readonly reason: 'refresh_token_used' }
  | TokenRefusalWithoutCode;

/** The rules of sign-in afresh (M2, M15, M18), and each refresh token once. */
export function mayRefresh(facts: RefreshFacts): Decision<null, RefreshRefusal> {
  const { account, family, nowEpochSeconds } = facts;
  if (account === undefined || facts.familyEnded || nowEpochSeconds >= family.until) {
    return refused({ reason: 'refresh_token_invalid' });
  }
  const use = mayUseToken({
    account,
    familyEnded: facts.familyEnded,
    tokenGeneration: facts.familyGeneration,
    authTimeEpochSeconds: family.authTime,
  });
  const refusal = use.ok ? undefined : use.refusal;
  if (refusal?.reason === 'token_ended') return refused({ reason: 'refresh_token_invalid' });
  const place = placeOf(facts.presented, family, nowEpochSeconds);
  if (place === 'used') return refused({ reason: 'refresh_token_used' });
  if (place === 'replaced' && family.live.length >= MAX_LIVE_TOKENS) {
    return refused({ reason: 'refresh_token_invalid' });
  }
  if (refusal !== undefined) return refused(refusal);
  return mayIssueTokenWithoutCode({ ...account, secondFactorPassed: family.secondFactorPassed });
}

/** The family after `presented` was exchanged for `fresh`. */
export function rotate(
  family: Rotation,
  presented: string,
  fresh: string,
  nowEpochSeconds: number,
): Rotation {
  return family.live.includes(presented)
    ? { live: [fresh], replaced: presented, replacedAt: nowEpochSeconds }
    : { ...family, live: [...family.live, fresh] };
}

function placeOf(presented: string, family: Rotation, nowEpochSeconds: number): 'live' | 'replaced' | 'used' {
  if (family.live.includes(presented)) return 'live';
  const inGrace = nowEpochSeconds < (family.replacedAt ?? 0) + REFRESH_GRACE_SECONDS;
  return presented === family.replaced && inGrace ? 'replaced' : 'used';
}
