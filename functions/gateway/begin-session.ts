import { epochSeconds } from '../../shared/clock.ts';
import { clearedCookie, hostCookie } from '../../shared/http/cookies.ts';
import { sessionCookie, sessionHash } from '../../shared/http/session.ts';
import { sha256 } from '../../shared/ids.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { foldName } from '../../shared/rules/names.ts';
import { mayUseSession, PENDING_SIGN_IN_SECONDS } from '../../shared/rules/sessions.ts';
import { endedUpTo } from '../../shared/rules/tokens.ts';
import type { EmployeeItem, TenantItem } from '../../shared/store/items.ts';
import { knownElsewhere } from '../../shared/store/networks.ts';
import { oweNotice } from '../../shared/store/notices.ts';
import type { PendingSignInItem } from '../../shared/store/sessions.ts';
import { newSession, readPending, startPending, startSession } from '../../shared/store/sessions.ts';
import { accountStanding, readAccount } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';
import type { At, Deps, Who } from './deps.ts';

/** How far a sign-in came that has no session yet. Never the session's own cookie: that one is made at the end. */
const SIGN_IN_COOKIE = '__Host-sign-in';
const COOKIE_VALUE = /^[\w-]{43}$/;

type Cookies = Readonly<Record<string, string>>;

/**
 * When the password was checked, as a session counts it: not before the second after which the account's sessions
 * count (`waitPast` saw to that), and not after any revocation that the check did not see.
 */
export function checkedAt(
  now: Date,
  tenant: Pick<TenantItem, 'tokensValidAfter'>,
  account: Pick<EmployeeItem, 'tokensValidAfter'>,
): number {
  return Math.max(epochSeconds(now), endedUpTo(tenant, account) + 1);
}

/** The person is signed in: a new session with a new id, whatever the browser brought along (no fixation). */
export async function beginSession(
  { table }: Deps,
  signedIn: {
    readonly employee: Pick<EmployeeItem, 'tenant' | 'id' | 'userName'>;
    readonly generation: string;
    readonly secondFactorPassed: boolean;
    readonly newNetwork: boolean;
    readonly signedInAtEpochSeconds: number;
    readonly pending?: PendingSignInItem;
  },
  { origin, now, cookies }: At & { readonly cookies: Cookies },
): Promise<Decision<readonly string[], { readonly reason: 'sign_in_expired' }>> {
  const { employee, newNetwork, pending } = signedIn;
  const { value, session } = newSession({ ...signedIn, origin });
  const account = { tenant: employee.tenant, folded: foldName(employee.userName), network: origin.network };
  const tell = newNetwork && (await knownElsewhere(table, account, now));
  const notices = tell ? [oweNotice(employee, 'new-network', now)] : [];
  const ended = { sessionHash: sessionHash(cookies), pending };
  return (await startSession(table, session, ended, notices))
    ? granted([sessionCookie(value), forgetPending()])
    : refused({ reason: 'sign_in_expired' });
}

/** Keeps how far the sign-in came, for the next page. */
export async function keepPending(
  table: Table,
  who: Who,
  step: Pick<PendingSignInItem, 'due' | 'newNetwork'> & { readonly cognitoSession?: string },
  now: Date,
): Promise<string> {
  const { tenant, id: employeeId, generation } = who.employee;
  if (generation === undefined) throw new Error('An account without a password signed in');
  const startedAt = new Date(checkedAt(now, who.tenant, who.employee) * 1000);
  const { value } = await startPending(table, { tenant, employeeId, generation, ...step }, startedAt);
  return hostCookie(SIGN_IN_COOKIE, value, PENDING_SIGN_IN_SECONDS);
}

export function forgetPending(): string {
  return clearedCookie(SIGN_IN_COOKIE);
}

/** The sign-in that the browser is in the middle of, under the same conditions as a session (M7, M18). */
export async function followPending(
  table: Table,
  cookies: Cookies,
  due: PendingSignInItem['due'],
  now: Date,
): Promise<Decision<Who & { readonly pending: PendingSignInItem }, { readonly reason: 'sign_in_expired' }>> {
  const value = cookies[SIGN_IN_COOKIE] ?? '';
  const pending = COOKIE_VALUE.test(value) ? await readPending(table, sha256(value)) : undefined;
  if (pending === undefined || pending.due !== due) return refused({ reason: 'sign_in_expired' });
  const { tenant, employee } = await readAccount(table, pending.tenant, pending.employeeId);
  if (!tenant || !employee) return refused({ reason: 'sign_in_expired' });
  const use = mayUseSession(
    {
      signedInAtEpochSeconds: pending.startedAt,
      lastSeenAtEpochSeconds: pending.startedAt,
      generation: pending.generation,
      // What is pending is the way to a factor.
      secondFactorPassed: true,
      account: accountStanding(tenant, employee),
    },
    epochSeconds(now),
  );
  return use.ok ? granted({ tenant, employee, pending }) : refused({ reason: 'sign_in_expired' });
}
