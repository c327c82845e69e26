import { createHash } from 'node:crypto';
import type { UserType } from '../rules/user-types.ts';

/**
 * Every key of the single table is built and parsed here and nowhere else; docs/data-model.md lists them.
 * Tenant names hold letters, digits and `-` only, so `#` never occurs inside a part.
 */
export type Key = { readonly PK: string; readonly SK: string };

export const tenantKey = (tenant: string): Key => ({ PK: `TENANT#${tenant}`, SK: 'TENANT' });
export const licencesKey = (tenant: string): Key => ({ PK: `TENANT#${tenant}`, SK: 'LICENCES' });
export const employeeKey = (tenant: string, id: number): Key => ({
  PK: `TENANT#${tenant}`,
  SK: `EMPLOYEE#${id}`,
});
/** @param folded the user name as `foldName` gives it: look-alikes share one key, so uniqueness is the key's. */
export const loginKey = (tenant: string, folded: string): Key => ({
  PK: `TENANT#${tenant}`,
  SK: `LOGIN#${fitting(folded)}`,
});
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
export const retiredCredentialKey = (cognitoUser: string): Key => ({
  PK: `RETIRED#${cognitoUser}`,
  SK: 'RETIRED',
});

/** Hashed, since people type passwords into the user name field: what was typed is kept nowhere. */
export function attemptsKey(tenant: string, folded: string, network: string): Key {
  const account = createHash('sha256').update(`${tenant}\n${folded}`).digest('base64url');
  return { PK: `ATTEMPTS#${account}`, SK: network };
}
/** The budget that all networks share from which the account never signed in. */
export const UNPROVEN_NETWORKS = 'UNPROVEN';
export const provenNetwork = (network: string): string => `NETWORK#${network}`;

export function auditKey(tenant: string, at: Date, id: string): Key {
  const iso = at.toISOString();
  return { PK: `AUDIT#${tenant}#${iso.slice(0, 7)}`, SK: `${iso}#${id}` };
}

export const BY_NAME_INDEX = 'byName';
export const employeeListPartition = (tenant: string): string => `EMPLOYEES#${tenant}`;
/** Sorted by folded full name; the id keeps namesakes apart. */
export const employeeListSort = (foldedName: string, id: number): string => `${foldedName}#${id}`;
export const TENANT_LIST_PARTITION = 'TENANTS';
export const auditSubjectPartition = (tenant: string, employeeId: number): string =>
  `AUDITOF#${tenant}#${employeeId}`;

/** Name of the counter of employees of one type and state, on the licences item. */
export function employeeCounter(userType: UserType, active: boolean): string {
  return `${userType.replaceAll(' ', '')}${active ? 'Active' : 'Inactive'}`;
}
