import { createHash } from 'node:crypto';
import type { UserType } from '../rules/user-types.ts';

/**
 * Every key of the single table is built and parsed here and nowhere else; docs/data-model.md lists them.
 * Tenant names hold letters, digits and `-` only, so `#` never occurs inside a part.
 */
export type Key = { readonly PK: string; readonly SK: string };

export const tenantKey = (tenant: string): Key => ({ PK: `TENANT#${tenant}`, SK: 'TENANT' });
export const licencesKey = (tenant: string): Key => ({ PK: `TENANT#${tenant}`, SK: 'LICENCES' });
export const EMPLOYEE_PREFIX = 'EMPLOYEE#';
export const employeeKey = (tenant: string, id: number): Key => ({
  PK: `TENANT#${tenant}`,
  SK: `${EMPLOYEE_PREFIX}${id}`,
});
/** @param folded the user name as `foldName` gives it: look-alikes share one key, so uniqueness is the key's. */
export const loginKey = (tenant: string, folded: string): Key => ({
  PK: `TENANT#${tenant}`,
  SK: `LOGIN#${fitting(folded)}`,
});
/** Of a login's key: the folded user name, or the short form of an overlong one, which stands for it in every key. */
export const foldedNameIn = ({ SK }: Key): string => SK.slice('LOGIN#'.length);
/** DynamoDB refuses sort keys over 1,024 bytes; what was typed may fold to more. */
const LOGIN_MAX_BYTES = 1000;
/** `:` occurs in no user name, so that the short form of an overlong one never meets a real one. */
function fitting(folded: string): string {
  return Buffer.byteLength(folded) <= LOGIN_MAX_BYTES
    ? folded
    : `:${createHash('sha256').update(folded).digest('base64url')}`;
}

export const ROLE_PREFIX = 'ROLE#';
export const roleKey = (tenant: string, id: number): Key => ({
  PK: `TENANT#${tenant}`,
  SK: `${ROLE_PREFIX}${id}`,
});
export const tenantPartition = (tenant: string): string => tenantKey(tenant).PK;
export const resetKey = (id: string): Key => ({ PK: `RESET#${id}`, SK: 'RESET' });
export const familyKey = (originJti: string): Key => ({ PK: `FAMILY#${originJti}`, SK: 'FAMILY' });
/** @param hash of the cookie's value: the value itself is kept nowhere. */
export const sessionKey = (hash: string): Key => ({ PK: `SESSION#${hash}`, SK: 'SESSION' });
export const pendingSignInKey = (hash: string): Key => ({ PK: `PENDING#${hash}`, SK: 'PENDING' });
export const noticeKey = (id: string): Key => ({ PK: `NOTICE#${id}`, SK: 'NOTICE' });
export const recoveryCodesKey = (tenant: string, employeeId: number): Key => ({
  PK: `TENANT#${tenant}`,
  SK: `RECOVERY#${employeeId}`,
});
export const sessionListPartition = (tenant: string, employeeId: number): string =>
  `SESSIONS#${tenant}#${employeeId}`;
export const importKey = (tenant: string, id: string): Key => ({
  PK: `IMPORT#${tenant}#${id}`,
  SK: 'IMPORT',
});
export const retiredCredentialKey = (cognitoUser: string): Key => ({
  PK: `RETIRED#${cognitoUser}`,
  SK: 'RETIRED',
});

export const reconciliationKey: Key = { PK: 'RECONCILIATION', SK: 'RECONCILIATION' };

/** Hashed: what a client takes for a key may be long, and mean something to it. */
export function idempotencyKey(request: {
  readonly actor: string;
  readonly operation: string;
  readonly key: string;
}): Key {
  const { actor, operation, key } = request;
  const hash = createHash('sha256').update([actor, operation, key].join('\n')).digest('base64url');
  return { PK: `IDEMPOTENCY#${hash}`, SK: 'IDEMPOTENCY' };
}

/** Hashed, since people type passwords into the user name field: what was typed is kept nowhere. */
export function attemptsKey(tenant: string, folded: string, network: string): Key {
  const account = createHash('sha256')
    .update(`${tenant}\n${fitting(folded)}`)
    .digest('base64url');
  return { PK: `ATTEMPTS#${account}`, SK: network };
}
/** The budget that all networks share from which the account never signed in. */
export const UNPROVEN_NETWORKS = 'UNPROVEN';
export const provenNetwork = (network: string): string => `NETWORK#${network}`;
/** The network that a sort key of the attempts names; undefined for the one that all others share. */
export const attemptsNetwork = (sortKey: string): string | undefined =>
  sortKey.startsWith('NETWORK#') ? sortKey.slice('NETWORK#'.length) : undefined;

/** Of all audit partitions; what stands there is only ever added to. */
export const AUDIT_PREFIX = 'AUDIT#';
/** @param month `yyyy-mm`. */
export const auditPartition = (tenant: string, month: string): string => `${AUDIT_PREFIX}${tenant}#${month}`;
export const auditSort = (at: string, id: string): string => `${at}#${id}`;
export function auditKey(tenant: string, at: Date, id: string): Key {
  const iso = at.toISOString();
  return { PK: auditPartition(tenant, iso.slice(0, 7)), SK: auditSort(iso, id) };
}
/** Counts of throttled attempts stand beside the audit, whose own items nobody may update; sorted alike. */
export const THROTTLED_PREFIX = 'THROTTLED#';
export const throttledPartition = (tenant: string, month: string): string =>
  `${THROTTLED_PREFIX}${tenant}#${month}`;
export function throttledKey(tenant: string, minute: Date, id: string): Key {
  const iso = minute.toISOString();
  return { PK: throttledPartition(tenant, iso.slice(0, 7)), SK: auditSort(iso, id) };
}

export const lastUseKey = (tenant: string, employeeId: number, use: 'TOKEN' | 'SIGN-IN'): Key => ({
  PK: `LASTUSE#${tenant}#${employeeId}`,
  SK: use,
});
export const guessNoticeKey = (id: string): Key => ({ PK: `GUESSES#${id}`, SK: 'GUESSES' });

/** One counter for each account, endpoint and clock hour. */
export const quotaKey = (tenant: string, employeeId: number, operationId: string, hour: number): Key => ({
  PK: `QUOTA#${tenant}#${employeeId}`,
  SK: `${operationId}#${hour}`,
});

/** Reset mails asked for on the public pages (S7); hashed as above. */
export function resetMailsKey(tenant: string, folded: string): Key {
  const account = createHash('sha256').update(`${tenant}\n${folded}`).digest('base64url');
  return { PK: `RESETMAILS#${account}`, SK: 'ACCOUNT' };
}
export const networkResetMailsKey = (network: string, hour: number): Key => ({
  PK: `RESETMAILS#NETWORK#${network}`,
  SK: `${hour}`,
});

export const BY_NAME_INDEX = 'byName';
export const BY_SUBJECT_INDEX = 'bySubject';
export const employeeListPartition = (tenant: string): string => `EMPLOYEES#${tenant}`;
/** @param nameKey of the full name, as `nameKey` gives it; the id, of ten digits, puts namesakes in order. */
export const employeeListSort = (nameKey: string, id: number): string =>
  `${nameKey}\t${String(id).padStart(10, '0')}`;
export const PEOPLE_INDEX = 'peopleByName';
/** API Employees are in none of the two (M11). */
export const peopleListPartition = (tenant: string, active: boolean): string =>
  `PEOPLE#${tenant}#${active ? 'ACTIVE' : 'INACTIVE'}`;
export const TENANT_LIST_PARTITION = 'TENANTS';
/** Mails that are owed stand in the index by subject until they are done: a sparse list, spread for its writes. */
const OWED_PARTITIONS = 8;
export const owedPartitions: readonly string[] = Array.from(
  { length: OWED_PARTITIONS },
  (_, shard) => `OWED#${shard}`,
);
/** @param at epoch seconds since when it is owed. */
export function owedEntry(
  id: string,
  at: number,
): { readonly subjectPK: string; readonly subjectSK: string } {
  const shard = id.charCodeAt(0) % OWED_PARTITIONS;
  return { subjectPK: `OWED#${shard}`, subjectSK: `${owedSort(at)}#${id}` };
}
/** Everything owed since before then sorts below it. */
export const owedSort = (at: number): string => new Date(at * 1000).toISOString();
export const auditSubjectPartition = (tenant: string, employeeId: number): string =>
  `AUDITOF#${tenant}#${employeeId}`;

/** Name of the counter of employees of one type and state, on the licences item. */
export function employeeCounter(userType: UserType, active: boolean): string {
  return `${userType.replaceAll(' ', '')}${active ? 'Active' : 'Inactive'}`;
}
