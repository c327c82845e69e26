/**
 * The pool's users, token families and failed attempts: in memory, folded from the journal at start. Every change is
 * a record, appended first and applied second, by the same function that replays it.
 */
import { join } from 'node:path';
import { readJournal, startJournal } from './journal.ts';
import { type Attempts, isQuiet } from './lockout.ts';
import type { PasswordHash } from './passwords.ts';
import type { SoftwareToken } from './totp.ts';

export type User = {
  readonly username: string;
  readonly sub: string;
  readonly enabled: boolean;
  readonly status: 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD';
  readonly attributes: Readonly<Record<string, string>>;
  readonly password: PasswordHash;
  readonly passwordSetAtMs: number;
  readonly softwareToken: SoftwareToken | null;
  readonly mfa: { readonly enabled: boolean; readonly preferred: boolean };
  /** Access tokens issued up to this instant are void: AdminDisableUser. */
  readonly accessTokensVoidUntilMs: number;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
};

/** The tokens that descend from one sign-in, tied by `origin_jti`. */
export type Family = {
  readonly originJti: string;
  readonly eventId: string;
  readonly sub: string;
  readonly username: string;
  readonly clientId: string;
  readonly authTimeEpochSeconds: number;
  readonly expiresAtMs: number;
  readonly ended: boolean;
};

/** A refresh token, known by its SHA-256 only. */
export type RefreshToken = {
  readonly hash: string;
  readonly originJti: string;
  readonly rotatedAtMs: number | null;
};

type JournalRecord =
  | { readonly type: 'user-saved'; readonly user: User }
  | { readonly type: 'user-deleted'; readonly username: string }
  | { readonly type: 'family-saved'; readonly family: Family }
  | { readonly type: 'family-ended'; readonly originJti: string }
  | { readonly type: 'families-ended'; readonly sub: string }
  | { readonly type: 'refresh-token-saved'; readonly token: RefreshToken }
  | { readonly type: 'attempts-saved'; readonly username: string; readonly attempts: Attempts }
  | { readonly type: 'attempts-cleared'; readonly username: string };

/** An access token may outlive its family's refresh tokens (by a day at most), and is checked against the family. */
const KEEP_EXPIRED_FAMILIES_MS = 24 * 60 * 60 * 1000;

type State = {
  readonly users: Map<string, User>;
  readonly families: Map<string, Family>;
  readonly familiesBySub: Map<string, Set<string>>;
  readonly refreshTokens: Map<string, RefreshToken>;
  readonly attempts: Map<string, Attempts>;
  sortedUsernames: readonly string[] | null;
};

function saveFamily(state: State, family: Family): void {
  state.families.set(family.originJti, family);
  const ofUser = state.familiesBySub.get(family.sub) ?? new Set();
  state.familiesBySub.set(family.sub, ofUser.add(family.originJti));
}

/** With all families that rotations made of it. */
function endSignIn(state: State, originJti: string): void {
  const ended = state.families.get(originJti);
  for (const other of state.familiesBySub.get(ended?.sub ?? '') ?? []) {
    if (state.families.get(other)?.eventId === ended?.eventId) endFamily(state, other);
  }
}

function endFamily(state: State, originJti: string): void {
  const family = state.families.get(originJti);
  if (family) state.families.set(originJti, { ...family, ended: true });
}

function apply(state: State, record: JournalRecord): void {
  switch (record.type) {
    case 'user-saved':
      if (!state.users.has(record.user.username)) state.sortedUsernames = null;
      state.users.set(record.user.username, record.user);
      return;
    case 'user-deleted': {
      const user = state.users.get(record.username);
      for (const originJti of state.familiesBySub.get(user?.sub ?? '') ?? []) endFamily(state, originJti);
      state.users.delete(record.username);
      state.sortedUsernames = null;
      return;
    }
    case 'family-saved':
      saveFamily(state, record.family);
      return;
    case 'family-ended':
      endSignIn(state, record.originJti);
      return;
    case 'families-ended':
      for (const originJti of state.familiesBySub.get(record.sub) ?? []) endFamily(state, originJti);
      return;
    case 'refresh-token-saved':
      state.refreshTokens.set(record.token.hash, record.token);
      return;
    case 'attempts-saved':
      state.attempts.set(record.username, record.attempts);
      return;
    case 'attempts-cleared':
      state.attempts.delete(record.username);
      return;
    default:
      throw new Error(`The journal has a record of unknown type: ${JSON.stringify(record satisfies never)}`);
  }
}

/** The shortest list of records that folds to the same state, without what time has made irrelevant. */
function compact(state: State, nowMs: number): JournalRecord[] {
  const families = [...state.families.values()].filter(
    (it) => it.expiresAtMs + KEEP_EXPIRED_FAMILIES_MS > nowMs,
  );
  const kept = new Set(families.map((family) => family.originJti));
  return [
    ...[...state.users.values()].map((user) => ({ type: 'user-saved', user }) as const),
    ...families.map((family) => ({ type: 'family-saved', family }) as const),
    ...[...state.refreshTokens.values()]
      .filter((token) => kept.has(token.originJti))
      .map((token) => ({ type: 'refresh-token-saved', token }) as const),
    ...[...state.attempts]
      .filter(([, attempts]) => !isQuiet(attempts, nowMs))
      .map(([username, attempts]) => ({ type: 'attempts-saved', username, attempts }) as const),
  ];
}

const emptyState = (): State => ({
  users: new Map(),
  families: new Map(),
  familiesBySub: new Map(),
  refreshTokens: new Map(),
  attempts: new Map(),
  sortedUsernames: null,
});

export type Store = Awaited<ReturnType<typeof openStore>>;

export async function openStore(stateDir: string, nowMs: number) {
  const file = join(stateDir, 'journal.jsonl');
  const replayed = emptyState();
  for (const record of await readJournal(file)) apply(replayed, record as JournalRecord);

  const snapshot = compact(replayed, nowMs);
  const state = emptyState();
  for (const record of snapshot) apply(state, record);
  const journal = await startJournal(file, snapshot);

  return {
    user: (username: string) => state.users.get(username),
    family: (originJti: string) => state.families.get(originJti),
    refreshToken: (hash: string) => state.refreshTokens.get(hash),
    attempts: (username: string) => state.attempts.get(username),
    /** All user names in one fixed order, so that ListUsers can page. */
    usernames(): readonly string[] {
      state.sortedUsernames ??= [...state.users.keys()].sort();
      return state.sortedUsernames;
    },
    commit(record: JournalRecord): void {
      journal.append(record);
      apply(state, record);
    },
    close: () => journal.close(),
  };
}
