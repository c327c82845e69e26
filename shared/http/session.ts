import { epochSeconds } from '../clock.ts';
import { sha256 } from '../ids.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { mayUseSession, SESSION_TOUCH_SECONDS, type SessionRefusal } from '../rules/sessions.ts';
import { readSession, touchSession } from '../store/sessions.ts';
import { accountStanding, readAccount, rolesOf } from '../store/sign-in.ts';
import type { Table } from '../store/table.ts';
import type { SessionActor } from './call.ts';
import { clearedCookie, hostCookie } from './cookies.ts';

const SESSION_COOKIE = '__Host-session';
/** Opaque: 256 random bits, kept by us as a hash only. */
const COOKIE_VALUE = /^[\w-]{43}$/;

/** Without an age: the browser forgets it when it closes, and the table ends it whatever the browser does. */
export function sessionCookie(value: string): string {
  return hostCookie(SESSION_COOKIE, value);
}

export function clearedSessionCookie(): string {
  return clearedCookie(SESSION_COOKIE);
}

/** Key of the session that the browser holds, alive or not. */
export function sessionHash(cookies: Readonly<Record<string, string>>): string | undefined {
  const value = cookies[SESSION_COOKIE];
  return value !== undefined && COOKIE_VALUE.test(value) ? sha256(value) : undefined;
}

/** Handed in, so that functions without sessions carry none of it. */
export type AuthenticateSession = typeof authenticateSession;

/** Who is signed in, loaded afresh on each request (M18). */
export async function authenticateSession(
  table: Table,
  cookies: Readonly<Record<string, string>>,
  now: Date,
): Promise<Decision<SessionActor, SessionRefusal>> {
  const hash = sessionHash(cookies);
  if (hash === undefined) return refused({ reason: 'session_missing' });
  const session = await readSession(table, hash);
  if (session === undefined) return refused({ reason: 'session_ended' });
  const { tenant, employee } = await readAccount(table, session.tenant, session.employeeId);
  const seconds = epochSeconds(now);
  const use = mayUseSession(
    {
      signedInAtEpochSeconds: session.signedInAt,
      lastSeenAtEpochSeconds: session.lastSeenAt,
      generation: session.generation,
      secondFactorPassed: session.secondFactorPassed,
      account: tenant && employee && accountStanding(tenant, employee),
    },
    seconds,
  );
  if (!use.ok) return use;
  if (!tenant || !employee) return refused({ reason: 'session_ended' });
  if (seconds - session.lastSeenAt >= SESSION_TOUCH_SECONDS) await touchSession(table, session, seconds);
  return granted({ kind: 'session', tenant, employee, roles: rolesOf(tenant, employee.roleIds), session });
}
