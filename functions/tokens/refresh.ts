import { epochSeconds } from '../../shared/clock.ts';
import type { CognitoUser } from '../../shared/identity/cognito-user.ts';
import { isOfSignIn, sealRefreshToken } from '../../shared/identity/refresh-tokens.ts';
import { exchangeRefreshToken, type Tokens } from '../../shared/identity/user-pool.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { signInEnd, toldLifetimes } from '../../shared/rules/lifetimes.ts';
import { mayRefresh, type RefreshRefusal, rotate } from '../../shared/rules/refresh.ts';
import { type AuditRecord, auditItem, NO_TENANT, type Origin } from '../../shared/store/audit.ts';
import type { FamilyItem, RefreshState } from '../../shared/store/families.ts';
import { endFamily, rotateFamily } from '../../shared/store/families.ts';
import { accountStanding, readBearer } from '../../shared/store/sign-in.ts';
import { putItem, StoreBusyError, type Table } from '../../shared/store/table.ts';
import type { Deps } from './deps.ts';
import { type FoundRefreshToken, findRefreshToken } from './find-token.ts';

/** More threads than that do not refresh one family at once; the next try finds it quiet. */
const ROTATION_ROUNDS = 6;

type Refreshed = {
  readonly tokens: Tokens;
  /** The new refresh token lives for what is left of the sign-in's time. */
  readonly refreshUntil: number;
};

type Presented = {
  readonly refreshToken: string;
  /** Whether the sign-in is the one that the caller named besides, by an access token or a password. */
  readonly belongs: (found: FoundRefreshToken) => boolean;
};

/** Exchanges a refresh token: load, decide, ask Cognito, save; the save is conditional on what was decided by. */
export async function refreshTokens(
  { table, pool }: Pick<Deps, 'table' | 'pool'>,
  presented: Presented,
  at: { readonly origin: Origin; readonly now: Date },
): Promise<Decision<Refreshed, RefreshRefusal>> {
  const found = await findRefreshToken(table, presented.refreshToken);
  if (found === undefined || !presented.belongs(found)) {
    // A good token with what belongs to another is a copy in strange hands, or a mix-up: its account is to know (M17).
    const record = {
      ...recordOf(found?.account, at),
      outcome: 'refused',
      reason: 'refresh_token_invalid',
    } as const;
    await putItem(table, auditItem(record));
    return refused({ reason: 'refresh_token_invalid' });
  }
  const { originJti, cognitoToken, hash, account } = found;
  const turnAway = async (refusal: RefreshRefusal) => {
    const record = { ...recordOf(account, at), outcome: 'refused', reason: refusal.reason } as const;
    if (refusal.reason === 'refresh_token_used') {
      await endFamily(table, originJti, epochSeconds(at.now), record);
    } else await putItem(table, auditItem(record));
    return refused(refusal);
  };
  let exchanged: Tokens | undefined;
  for (let round = 0; round < ROTATION_ROUNDS; round += 1) {
    const { tenant, family, decision } = await decide(table, found, at.now);
    if (!decision.ok) return turnAway(decision.refusal);
    if (exchanged === undefined) {
      const signIn = { sign_in_id: originJti, signed_in_at: String(family.authTime) };
      const answer = await exchangeRefreshToken(pool, cognitoToken, signIn);
      if (answer.outcome === 'used') return turnAway({ reason: 'refresh_token_used' });
      if (answer.outcome === 'invalid') return turnAway({ reason: 'refresh_token_invalid' });
      if (!isOfSignIn(answer.tokens.accessToken, originJti)) {
        throw new Error('A refreshed token does not say of which sign-in it is');
      }
      exchanged = answer.tokens;
    }
    const fresh = sealRefreshToken(originJti, exchanged.refreshToken, family.sealKey);
    const next = rotate(family, hash, fresh.hash, epochSeconds(at.now));
    const record = { ...recordOf(account, at), outcome: 'done' } as const;
    if (await rotateFamily(table, originJti, family, next, account, record)) {
      const tokens = { ...exchanged, ...toldLifetimes(tenant ?? {}, exchanged), refreshToken: fresh.token };
      return granted({ tokens, refreshUntil: family.until });
    }
  }
  throw new StoreBusyError('The family kept changing');
}

/** Account and family in one consistent read, and what the rules say of them. */
async function decide(table: Table, { originJti, hash, account }: FoundRefreshToken, now: Date) {
  const { tenant, employee, family } = await readBearer(table, account.tenant, account.employeeId, originJti);
  const kept = refreshOf(family);
  const refresh = { ...kept, until: signInEnd(tenant ?? {}, kept) };
  const decision = mayRefresh({
    account: tenant && employee && accountStanding(tenant, employee),
    familyEnded: family?.ended ?? true,
    family: refresh,
    familyGeneration: account.generation,
    presented: hash,
    nowEpochSeconds: epochSeconds(now),
  });
  return { tenant, family: refresh, decision };
}

function refreshOf(family: FamilyItem | undefined): RefreshState {
  if (family?.refresh === undefined) throw new StoreBusyError('The family expired meanwhile');
  return family.refresh;
}

function recordOf(
  account: CognitoUser | undefined,
  { origin, now }: { readonly origin: Origin; readonly now: Date },
): Omit<AuditRecord, 'outcome'> {
  return {
    tenant: account?.tenant ?? NO_TENANT,
    at: now,
    action: 'token.refresh',
    actor: { kind: 'owner', id: account?.employeeId },
    origin,
    employeeId: account?.employeeId,
  };
}
