import { createHash, createHmac } from 'node:crypto';
import { epochSeconds } from '../clock.ts';
import { countToken } from '../metrics.ts';
import type { CredentialRefusal } from '../refusal.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { toldLifetimes } from '../rules/lifetimes.ts';
import { foldName, tenantSlug } from '../rules/names.ts';
import { parseCode } from '../rules/second-factor.ts';
import type { SignInFacts } from '../rules/tokens.ts';
import { isApiEmployee } from '../rules/user-types.ts';
import {
  handBack,
  type Reservation,
  releaseItems,
  reserveAttempt,
  returnReservation,
} from '../store/attempts.ts';
import { type AuditAction, type AuditRecord, auditItem, NO_TENANT, type Origin } from '../store/audit.ts';
import { newGuessNotice } from '../store/guess-notices.ts';
import type { LoginItem, TenantItem } from '../store/items.ts';
import { lastUse } from '../store/last-use.ts';
import { readSignIn, rolesOf } from '../store/sign-in.ts';
import { batchWrite, type Table } from '../store/table.ts';
import { countThrottled } from '../store/throttled.ts';
import { cognitoUserName } from './cognito-user.ts';
import { openFamily } from './refresh-tokens.ts';
import { answerCode } from './second-factor.ts';
import {
  checkPassword,
  type PasswordCheck,
  readClientSecrets,
  type Tokens,
  type UserPool,
} from './user-pool.ts';

/** A company's, a user's and a secret, as typed. */
export type Credentials = { readonly company: string; readonly userName: string; readonly password: string };

export type SignedIn = {
  readonly tenant: TenantItem;
  readonly login: LoginItem;
  readonly tokens: Tokens;
  readonly secondFactorPassed: boolean;
  /** From a network from which the account had not signed in lately. */
  readonly newNetwork: boolean;
};

export type SignInRefusal =
  | Extract<CredentialRefusal, { reason: 'credentials_wrong' | 'throttled' | 'mfa_code_wrong' }>
  | { readonly reason: 'mfa_required' };

export type Attempt = {
  readonly credentials: Credentials;
  readonly action: Extract<AuditAction, 'token.issue' | 'gateway.sign-in' | 'client.authenticate'>;
  /** Of the second factor, as typed; nothing of it is looked at where the account has none. */
  readonly code?: string | undefined;
  /** The refresh token is handed out: what a refresh needs is written with the audit record. */
  readonly refreshable?: true;
  readonly origin: Origin;
  readonly now: Date;
};

/** What a right password leads to where it is not enough: a code is due, or a factor is to be set up first. */
export type NextStep = {
  readonly tenant: TenantItem;
  readonly login: LoginItem;
  readonly newNetwork: boolean;
} & (
  | { readonly due: 'code'; readonly cognitoSession: string }
  | { readonly due: 'enrolment'; readonly tokens: Tokens }
);

/**
 * Init-time work for sign-ins: the secrets, and their read once, of nobody. Beside what a bearer function reads at init
 * it opens the second connection, for read and reservation go side by side; folding a name loads Unicode's tables (P3).
 */
export async function prepareSignIn(table: Table, pool: UserPool): Promise<void> {
  const nobody = foldName(tenantSlug('Nobody'));
  await Promise.all([readClientSecrets(pool), readSignIn(table, NO_TENANT, nobody)]);
}

/** Longest wait for the second after a revocation (M18); a clock further off is not waited for. */
const MAX_WAIT_SECONDS = 2;

/**
 * Checks a password: one read and one reservation in parallel, one Cognito call, one write. The calls and the
 * answer are the same for a wrong password, an unknown user and an account without a password (S1); `rule` is
 * asked only after the right password. Where the account has a second factor, one Cognito call more for the code.
 */
export async function signIn<R extends { readonly reason: string }>(
  table: Table,
  pool: UserPool,
  attempt: Attempt,
  rule: Rule<R>,
): Promise<Decision<SignedIn, R | SignInRefusal>> {
  return (await beginSignIn(table, pool, attempt, rule)).decision;
}

type Rule<R> = (account: SignInFacts) => Decision<null, R>;
type Begun<R> = { readonly decision: Decision<SignedIn, R | SignInRefusal>; readonly next?: NextStep };

/** The same, for the gateway, which can go on from a right password to what is still missing. */
export async function beginSignIn<R extends { readonly reason: string }>(
  table: Table,
  pool: UserPool,
  attempt: Attempt,
  rule: Rule<R>,
): Promise<Begun<R>> {
  const { origin, now } = attempt;
  const tenantName = tenantSlug(attempt.credentials.company);
  const folded = foldName(attempt.credentials.userName);
  const reading = readSignIn(table, tenantName, folded);
  const reserving = reserveAttempt(table, { tenant: tenantName, folded, network: origin.network }, now);
  const [{ tenant, login }, reservation] = await Promise.all([reading, reserving]).catch(async (fault) => {
    const reserved = await reserving;
    if (reserved.ok) await handBack(table, reserved.value)(fault);
    throw fault;
  });
  const account = tenant && login ? { tenant, login } : undefined;
  const write = recorder(table, attempt, tenant, login, folded);
  if (!reservation.ok) {
    await write('refused', reservation.refusal.reason);
    return { decision: reservation };
  }
  await waitPast(Math.max(account?.login.tokensValidAfter ?? 0, tenant?.tokensValidAfter ?? 0));
  const orHandBack = handBack(table, reservation.value);
  const check = await askCognito(pool, attempt, tenantName, folded, account?.login).catch(orHandBack);
  if (check.outcome === 'wrong' || account === undefined) {
    const notice = reservation.value.exhausts ? [guessNotice(account, now)] : [];
    await write('refused', 'credentials_wrong', undefined, notice);
    return { decision: refused({ reason: 'credentials_wrong' }) };
  }
  const right = { table, pool, attempt, account, reservation: reservation.value, write, rule };
  return check.outcome === 'second_factor_due'
    ? withSecondFactor(right, check.cognitoSession)
    : withPasswordAlone(right, check.tokens);
}

/** A sign-in whose password was right. */
type RightPassword<R> = {
  readonly table: Table;
  readonly pool: UserPool;
  readonly attempt: Attempt;
  readonly account: { readonly tenant: TenantItem; readonly login: LoginItem };
  readonly reservation: Reservation;
  readonly write: ReturnType<typeof recorder>;
  readonly rule: Rule<R>;
};

/** Cognito asked for nothing besides the password. */
async function withPasswordAlone<R extends { readonly reason: string }>(
  { table, attempt, account, reservation, write, rule }: RightPassword<R>,
  fromCognito: Tokens,
): Promise<Begun<R>> {
  const orHandBack = handBack(table, reservation);
  const newNetwork = !reservation.proven;
  const facts = factsOf(account.tenant, account.login);
  // A factor that the table knows of and Cognito does not ask for was lost half-way: it is to be set up again.
  const mustEnrol = facts.mustEnrol === true || account.login.secondFactorOn !== undefined;
  const decision = rule({ ...facts, mustEnrol, hasSecondFactor: false });
  if (decision.ok) {
    const { tokens, besides } = handedOut(attempt, account.tenant, fromCognito, false);
    await write('done', undefined, reservation, besides).catch(orHandBack);
    return { decision: granted({ ...account, tokens, secondFactorPassed: false, newNetwork }) };
  }
  await write('refused', decision.refusal.reason, reservation).catch(orHandBack);
  const next = { ...account, newNetwork, due: 'enrolment', tokens: fromCognito } as const;
  return { decision, ...(decision.refusal.reason === 'mfa_enrollment_required' ? { next } : {}) };
}

/** Cognito asks for the code of the second factor. */
async function withSecondFactor<R extends { readonly reason: string }>(
  right: RightPassword<R>,
  cognitoSession: string,
): Promise<Begun<R>> {
  const { table, attempt, account, reservation, write } = right;
  const orHandBack = handBack(table, reservation);
  const newNetwork = !reservation.proven;
  const passed = await passSecondFactor(right, cognitoSession).catch(orHandBack);
  if (passed.ok) {
    const { tokens, besides } = handedOut(attempt, account.tenant, passed.value, true);
    await write('done', undefined, reservation, besides).catch(orHandBack);
    return { decision: granted({ ...account, tokens, secondFactorPassed: true, newNetwork }) };
  }
  if (passed.refusal.reason !== 'mfa_code_wrong') await returnReservation(table, reservation);
  await write('refused', passed.refusal.reason);
  const next = { ...account, newNetwork, due: 'code', cognitoSession } as const;
  return { decision: passed, ...(passed.refusal.reason === 'mfa_required' ? { next } : {}) };
}

/** The rule first, so that no code is spent on an account that gets nothing for it. */
async function passSecondFactor<R extends { readonly reason: string }>(
  { pool, attempt, account, rule }: RightPassword<R>,
  cognitoSession: string,
): Promise<Decision<Tokens, R | SignInRefusal>> {
  const { tenant, login } = account;
  const ruled = rule({ ...factsOf(tenant, login), hasSecondFactor: true, secondFactorPassed: true });
  if (!ruled.ok) return ruled;
  if (!attempt.code) return refused({ reason: 'mfa_required' });
  const code = parseCode(attempt.code);
  if (code === undefined) return refused({ reason: 'mfa_code_wrong' });
  const userName = userNameOf(tenant.tenant, login);
  const client = clientFor(attempt.action, login);
  const check = await answerCode(pool, client, { userName, cognitoSession }, code);
  return check.outcome === 'right' ? granted(check.tokens) : refused({ reason: 'mfa_code_wrong' });
}

/** The tokens as the company's own lifetimes have them; refreshable ones with the family that is to be written. */
function handedOut(attempt: Attempt, tenant: TenantItem, fromCognito: Tokens, secondFactorPassed: boolean) {
  const told = { ...fromCognito, ...toldLifetimes(tenant, fromCognito) };
  if (!attempt.refreshable) return { tokens: told, besides: [] };
  const { item, tokens } = openFamily(told, secondFactorPassed);
  return { tokens, besides: [item] };
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
    mustEnrol: login.mustEnrol,
  };
}

function userNameOf(tenant: string, login: LoginItem): string {
  if (login.generation === undefined) throw new Error('An account without a password signed in');
  return cognitoUserName({ tenant, employeeId: login.employeeId, generation: login.generation });
}

function clientFor(action: Attempt['action'], login: LoginItem | undefined): 'api' | 'gateway' {
  const people = login !== undefined && !isApiEmployee(login.userType);
  return action === 'gateway.sign-in' && people ? 'gateway' : 'api';
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
      : userNameOf(tenant, login);
  return checkPassword(pool, clientFor(attempt.action, login), userName, attempt.credentials.password);
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
export async function waitPast(tokensValidAfter: number): Promise<void> {
  const waitMilliseconds = (tokensValidAfter + 1) * 1000 - Date.now();
  if (waitMilliseconds <= 0 || tokensValidAfter - epochSeconds(new Date()) > MAX_WAIT_SECONDS) return;
  await new Promise((resolve) => setTimeout(resolve, waitMilliseconds));
}
