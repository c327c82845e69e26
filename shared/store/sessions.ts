import * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { newId, newSecret, sha256 } from '../ids.ts';
import { PENDING_SIGN_IN_SECONDS, sessionEnd } from '../rules/sessions.ts';
import { type AuditRecord, auditItem, type Origin } from './audit.ts';
import { commonFields, type EmployeeItem, epochTime } from './items.ts';
import { BY_SUBJECT_INDEX, pendingSignInKey, sessionKey, sessionListPartition } from './keys.ts';
import { getItem, NOT_EXISTS, queryPages, type Table, transact, type Write } from './table.ts';

/** A signed-in person's browser. Its key is the hash of what the cookie holds. */
const sessionItem = v.object({
  ...commonFields,
  type: v.literal('session'),
  hash: v.string(),
  /** Names the session on the account's pages, where the hash would say too much. */
  id: v.string(),
  tenant: v.string(),
  employeeId: v.number(),
  generation: v.string(),
  secondFactorPassed: v.boolean(),
  sourceAddress: v.string(),
  userAgent: v.string(),
  signedInAt: epochTime,
  lastSeenAt: epochTime,
  expiresAt: epochTime,
});
export type SessionItem = v.InferOutput<typeof sessionItem>;

/** Between a right password and a session: a code is due, or a factor is to be set up. */
const pendingSignInItem = v.object({
  ...commonFields,
  type: v.literal('pending-sign-in'),
  hash: v.string(),
  tenant: v.string(),
  employeeId: v.number(),
  generation: v.string(),
  due: v.picklist(['code', 'enrolment']),
  /** Cognito's own, good for three minutes; worth nothing without the code and the credentials of a function. */
  cognitoSession: v.optional(v.string()),
  newNetwork: v.boolean(),
  startedAt: epochTime,
  expiresAt: epochTime,
});
export type PendingSignInItem = v.InferOutput<typeof pendingSignInItem>;

/** What a transaction takes, with an audit record. */
const ENDED_AT_ONCE = 90;

type NewSession = {
  readonly employee: Pick<EmployeeItem, 'tenant' | 'id'>;
  readonly generation: string;
  readonly secondFactorPassed: boolean;
  /** When the password was checked: what ends the account's sessions up to a second ends this one, too (M18). */
  readonly signedInAtEpochSeconds: number;
  readonly origin: Origin;
};

/** A new session and the value for its cookie, which is kept nowhere. */
export function newSession(fields: NewSession): { readonly value: string; readonly session: SessionItem } {
  const value = newSecret();
  const { employee, generation, secondFactorPassed, signedInAtEpochSeconds: signedInAt, origin } = fields;
  const session: SessionItem = {
    schema: 1,
    type: 'session',
    hash: sha256(value),
    id: newId(),
    tenant: employee.tenant,
    employeeId: employee.id,
    generation,
    secondFactorPassed,
    sourceAddress: origin.sourceAddress,
    userAgent: origin.userAgent,
    signedInAt,
    lastSeenAt: signedInAt,
    expiresAt: sessionEnd({ signedInAtEpochSeconds: signedInAt, lastSeenAtEpochSeconds: signedInAt }),
  };
  return { value, session };
}

export function sessionPut(session: SessionItem): Write<never> {
  const subjectPK = sessionListPartition(session.tenant, session.employeeId);
  return {
    put: {
      ...sessionKey(session.hash),
      ...session,
      subjectPK,
      subjectSK: `${session.signedInAt}#${session.id}`,
    },
    when: NOT_EXISTS,
  };
}

/** Starts the session; the browser's older one, and the sign-in that led here, end with it (no fixation). */
export async function startSession(
  table: Table,
  session: SessionItem,
  ended: { readonly sessionHash?: string | undefined; readonly pending?: PendingSignInItem | undefined },
  also: readonly Write<never>[] = [],
): Promise<boolean> {
  const conflicts = await transact<'lost'>(table, [
    sessionPut(session),
    ...(ended.sessionHash === undefined ? [] : [{ remove: sessionKey(ended.sessionHash) }]),
    ...(ended.pending === undefined ? [] : [spendPending(ended.pending)]),
    ...also,
  ]);
  return conflicts.length === 0;
}

/** Of two answers at once only one goes on. */
export function spendPending(pending: PendingSignInItem): Write<'lost'> {
  return {
    remove: pendingSignInKey(pending.hash),
    when: {
      expression: '#due = :due',
      names: { '#due': 'due' },
      values: { ':due': pending.due },
    },
    onConflict: 'lost',
  };
}

export function readSession(table: Table, hash: string): Promise<SessionItem | undefined> {
  return getItem(table, sessionKey(hash), sessionItem);
}

export function readPending(table: Table, hash: string): Promise<PendingSignInItem | undefined> {
  return getItem(table, pendingSignInKey(hash), pendingSignInItem);
}

/** The idle limit begins anew. A session that ended meanwhile stays ended. */
export async function touchSession(
  table: Table,
  session: SessionItem,
  nowEpochSeconds: number,
): Promise<void> {
  await transact<'ended'>(table, [
    {
      update: sessionKey(session.hash),
      set: {
        expression: 'SET #lastSeenAt = :now, #expiresAt = :until',
        names: { '#lastSeenAt': 'lastSeenAt', '#expiresAt': 'expiresAt' },
        values: {
          ':now': nowEpochSeconds,
          ':until': sessionEnd({
            signedInAtEpochSeconds: session.signedInAt,
            lastSeenAtEpochSeconds: nowEpochSeconds,
          }),
        },
      },
      when: { expression: 'attribute_exists(PK)' },
      onConflict: 'ended',
    },
  ]);
}

/** All of the account's sessions, the newest first, as far as their time has not run out. */
export async function listSessions(
  table: Table,
  tenant: string,
  employeeId: number,
  now: Date,
): Promise<SessionItem[]> {
  const pages = queryPages(table, sessionItem, {
    IndexName: BY_SUBJECT_INDEX,
    KeyConditionExpression: 'subjectPK = :list',
    ExpressionAttributeValues: { ':list': { S: sessionListPartition(tenant, employeeId) } },
    ScanIndexForward: false,
  });
  const sessions: SessionItem[] = [];
  for await (const page of pages) sessions.push(...page);
  return sessions.filter((session) => session.expiresAt > epochSeconds(now));
}

/** @param recordOf what the audit says of so many that ended; a record for each transaction. */
export async function endSessions(
  table: Table,
  sessions: readonly Pick<SessionItem, 'hash'>[],
  recordOf: (count: number) => AuditRecord,
): Promise<void> {
  for (let begin = 0; begin < sessions.length; begin += ENDED_AT_ONCE) {
    const ended = sessions.slice(begin, begin + ENDED_AT_ONCE);
    await transact(table, [
      ...ended.map(({ hash }) => ({ remove: sessionKey(hash) })),
      { put: auditItem(recordOf(ended.length)) },
    ]);
  }
}

/** Keeps how far a sign-in came; the value is for a cookie. */
export async function startPending(
  table: Table,
  fields: Pick<
    PendingSignInItem,
    'tenant' | 'employeeId' | 'generation' | 'due' | 'cognitoSession' | 'newNetwork'
  >,
  now: Date,
): Promise<{ readonly value: string; readonly pending: PendingSignInItem }> {
  const value = newSecret();
  const startedAt = epochSeconds(now);
  const pending: PendingSignInItem = {
    schema: 1,
    type: 'pending-sign-in',
    hash: sha256(value),
    ...fields,
    startedAt,
    expiresAt: startedAt + PENDING_SIGN_IN_SECONDS,
  };
  await transact(table, [{ put: { ...pendingSignInKey(pending.hash), ...pending }, when: NOT_EXISTS }]);
  return { value, pending };
}
