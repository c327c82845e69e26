import { createHash, createHmac } from 'node:crypto';
import { epochSeconds } from '../clock.ts';
import { countToken } from '../metrics.ts';
import type { CredentialRefusal } from '../refusal.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { toldLifetimes } from '../rules/lifetimes.ts';
import { foldName, tenantSlug } from '../rules/names.ts';
import type { SignInFacts } from '../rules/tokens.ts';
import { isApiEmployee } from '../rules/user-types.ts';
import { type Reservation, releaseItems, reserveAttempt, returnReservation } from '../store/attempts.ts';
import { type AuditAction, type AuditRecord, auditItem, NO_TENANT, type Origin } from '../store/audit.ts';
import { newGuessNotice } from '../store/guess-notices.ts';
import type { LoginItem, TenantItem } from '../store/items.ts';
import { lastUse } from '../store/last-use.ts';
import { readSignIn, rolesOf } from '../store/sign-in.ts';
import { batchWrite, type Table } from '../store/table.ts';
import { countThrottled } from '../store/throttled.ts';
import { cognitoUserName } from './cognito-user.ts';
import { openFamily } from './refresh-tokens.ts';
import { checkPassword, type PasswordCheck, type Tokens, type UserPool } from './user-pool.ts';

/** A company's, a user's and a secret, as typed. */
export type Credentials = { readonly company: string; readonly userName: string; readonly password: string };

export type SignedIn = {
  readonly tenant: TenantItem;
  readonly login: LoginItem;
  readonly tokens: Tokens;
};

type SignInRefusal =
  | Extract<CredentialRefusal, { reason: 'credentials_wrong' | 'throttled' }>
  | { readonly reason: 'mfa_required' };

type Attempt = {
  readonly credentials: Credentials;
  readonly action: Extract<AuditAction, 'token.issue' | 'gateway.sign-in' | 'client.authenticate'>;
  /** The refresh token is handed out: what a refresh needs is written with the audit record. */
  readonly refreshable?: true;
  readonly origin: Origin;
  readonly now: Date;
};

/** Longest wait for the second after a revocation (M18); a clock further off is not waited for. */
const MAX_WAIT_SECONDS = 2;

/**
 * Checks a password: one read and one reservation in parallel, one Cognito call, one write. The calls and the
 * answer are the same for a wrong password, an unknown user and an account without a password (S1); `rule` is
 * asked only after the right password.
 */
export async function signIn<R extends { readonly reason: string }>(
  table: Table,
  pool: UserPool,
  attempt: Attempt,
  rule: (account: SignInFacts) => Decision<null, R>,
): Promise<Decision<SignedIn, R | SignInRefusal>> {
  const { origin, now } = attempt;
  const tenantName = tenantSlug(attempt.credentials.company);
  const folded = foldName(attempt.credentials.userName);
  const [{ tenant, login }, reservation] = await Promise.all([
    readSignIn(table, tenantName, folded),
    reserveAttempt(table, { tenant: tenantName, folded, network: origin.network }, now),
  ]);
  const account = tenant && login ? { tenant, login } : undefined;
  const write = recorder(table, attempt, tenant, login, folded);
  if (!reservation.ok) {
    await write('refused', reservation.refusal.reason);
    return reservation;
  }
  await waitPast(Math.max(account?.login.tokensValidAfter ?? 0, tenant?.tokensValidAfter ?? 0));
  const check = await askCognito(pool, attempt, tenantName, folded, account?.login).catch(
    async (error: unknown) => {
      // No password was judged, so none was guessed. If this fails too, the first error is the one to tell.
      await returnReservation(table, reservation.value).catch(() => undefined);
      throw error;
    },
  );
  if (check.outcome === 'wrong' || account === undefined) {
    const notice = reservation.value.exhausts ? [guessNotice(account, now)] : [];
    await write('refused', 'credentials_wrong', undefined, notice);
    return refused({ reason: 'credentials_wrong' });
  }
  const ruled = rule(factsOf(account.tenant, account.login));
  // A factor that the person set up counts, whether or not the company asks for one.
  const decision = !ruled.ok || check.outcome === 'right' ? ruled : refused({ reason: 'mfa_required' });
  const family =
    decision.ok && check.outcome === 'right' && attempt.refreshable
      ? openFamily({ ...check.tokens, ...toldLifetimes(account.tenant, check.tokens) }, false)
      : undefined;
  await write(
    decision.ok ? 'done' : 'refused',
    decision.ok ? undefined : decision.refusal.reason,
    reservation.value,
    family ? [family.item] : [],
  );
  if (!decision.ok || check.outcome !== 'right')
    return decision.ok ? refused({ reason: 'mfa_required' }) : decision;
  const tokens = family?.tokens ?? check.tokens;
  return granted({ ...account, tokens: { ...tokens, ...toldLifetimes(account.tenant, tokens) } });
}

function guessNotice(account: { tenant: TenantItem; login: LoginItem } | undefined, now: Date) {
  const known = account && { tenant: account.tenant.tenant, employeeId: account.login.employeeId };
  return newGuessNotice(known, now);
}

function factsOf(tenant: TenantItem, login: LoginItem): SignInFacts {
  return {
    userType: login.userType,
    active: login.active,
    sso: login.sso,
    roles: rolesOf(tenant, login.roleIds),
    tenantActive: tenant.active,
    requireMfa: tenant.requireMfa,
    secondFactorPassed: false,
  };
}

/** An account without a password, or none at all, is asked for by a decoy name that nobody can hold. */
function askCognito(
  pool: UserPool,
  attempt: Attempt,
  tenant: string,
  folded: string,
  login: LoginItem | undefined,
): Promise<PasswordCheck> {
  const userName =
    login?.generation === undefined
      ? `decoy.${createHash('sha256').update(`${tenant}\n${folded}`).digest('hex')}`
      : cognitoUserName({ tenant, employeeId: login.employeeId, generation: login.generation });
  const people = login !== undefined && !isApiEmployee(login.userType);
  const client = attempt.action === 'gateway.sign-in' && people ? 'gateway' : 'api';
  return checkPassword(pool, client, userName, attempt.credentials.password);
}

/**
 * One write: the audit record, and after the right password the reservation given back. A token is noted as the
 * account's last in the same write; throttled attempts only count up, whoever was meant.
 */
function recorder(
  table: Table,
  attempt: Attempt,
  tenant: TenantItem | undefined,
  login: LoginItem | undefined,
  folded: string,
) {
  return (
    outcome: AuditRecord['outcome'],
    reason?: string,
    passed?: Reservation,
    besides: readonly Record<string, unknown>[] = [],
  ): Promise<void> => {
    if (attempt.action === 'token.issue') countToken(outcome === 'done' ? undefined : reason);
    const release = passed ? releaseItems(passed, attempt.now) : { puts: [], deletes: [] };
    const record: AuditRecord = {
      tenant: tenant?.tenant ?? NO_TENANT,
      at: attempt.now,
      action: attempt.action,
      outcome,
      ...(reason === undefined ? {} : { reason }),
      actor: { kind: 'owner', id: login?.employeeId },
      origin: attempt.origin,
      employeeId: login?.employeeId,
      ...(tenant && !login ? { details: { unknownUserName: unknownNameHash(tenant, folded) } } : {}),
    };
    if (reason === 'throttled') {
      return countThrottled(table, record, attempt.origin.network, tenant?.createdOn);
    }
    const { action } = attempt;
    const used =
      outcome === 'done' && login && action !== 'client.authenticate'
        ? [lastUse(login, action, attempt.now)]
        : [];
    return batchWrite(table, [auditItem(record), ...release.puts, ...used, ...besides], release.deletes);
  };
}

/** Keyed by the tenant, so that equal names can be told apart from others, and no list of hashes fits all. */
function unknownNameHash(tenant: TenantItem, folded: string): string {
  return createHmac('sha256', tenant.auditKey).update(folded).digest('base64url').slice(0, 22);
}

/** A sign-in of the very second of a revocation would be dead at birth: it waits for the next (M18). */
async function waitPast(tokensValidAfter: number): Promise<void> {
  const waitMilliseconds = (tokensValidAfter + 1) * 1000 - Date.now();
  if (waitMilliseconds <= 0 || tokensValidAfter - epochSeconds(new Date()) > MAX_WAIT_SECONDS) return;
  await new Promise((resolve) => setTimeout(resolve, waitMilliseconds));
}
