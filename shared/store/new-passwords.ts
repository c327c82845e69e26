import { DAY_SECONDS, epochSeconds } from '../clock.ts';
import { foldName } from '../rules/names.ts';
import { CLAIM_LEASE_SECONDS } from '../rules/passwords.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { LOGIN_OF, readEmployee } from './employees.ts';
import type { EmployeeItem } from './items.ts';
import { employeeKey, loginKey, owedEntry, resetKey, retiredCredentialKey } from './keys.ts';
import type { ResetItem } from './resets.ts';
import { keptUntil, newReset } from './resets.ts';
import { NOT_EXISTS, type Table, transact, type Write } from './table.ts';

/** Cognito users of replaced passwords are kept, disabled, for the point-in-time window of the table. */
const RETIRED_CREDENTIAL_DAYS = 35;

export type Claim = { readonly attempt: string; readonly generation: string };

/**
 * Takes the link for one attempt to set the password: only the holder of the claim goes on to Cognito.
 * Conditional on all that `mayRedeemLink` looked at. The Cognito user of an expired lease is retired.
 */
export async function claimReset(table: Table, reset: ResetItem, claim: Claim, now: Date): Promise<boolean> {
  const seconds = epochSeconds(now);
  const conflicts = await transact<'lost'>(table, [
    {
      update: resetKey(reset.id),
      set: {
        expression: 'SET #attempt = :attempt, #attemptGeneration = :generation, #leaseUntil = :lease',
        names: {
          '#attempt': 'attempt',
          '#attemptGeneration': 'attemptGeneration',
          '#leaseUntil': 'leaseUntil',
        },
        values: {
          ':attempt': claim.attempt,
          ':generation': claim.generation,
          ':lease': seconds + CLAIM_LEASE_SECONDS,
        },
      },
      when: {
        expression:
          '#state <> :used AND #secretHash = :hash AND #linkExpiresAt > :now AND ' +
          (reset.attempt === undefined
            ? 'attribute_not_exists(#attempt)'
            : '#attempt = :seen AND #leaseUntil <= :now'),
        names: { '#state': 'state', '#secretHash': 'secretHash', '#linkExpiresAt': 'linkExpiresAt' },
        values: {
          ':used': 'used',
          ':hash': reset.secretHash,
          ':now': seconds,
          ...(reset.attempt === undefined ? {} : { ':seen': reset.attempt }),
        },
      },
      onConflict: 'lost',
    },
    ...(reset.employeeId !== undefined &&
    reset.attemptGeneration &&
    reset.attemptGeneration !== claim.generation
      ? [retire(reset.tenant, reset.employeeId, reset.attemptGeneration, now)]
      : []),
  ]);
  return conflicts.length === 0;
}

/**
 * Gives a claim back when the password was not set: the link stays good for the next try. A Cognito user that
 * this attempt may have made, and that the account does not point to, is retired.
 */
export async function releaseClaim(
  table: Table,
  reset: ResetItem,
  claim: Claim,
  employee: EmployeeItem,
  now: Date,
): Promise<void> {
  await transact<'lost'>(table, [
    {
      update: resetKey(reset.id),
      set: {
        expression: 'SET #leaseUntil = :over',
        names: { '#leaseUntil': 'leaseUntil' },
        values: { ':over': 0 },
      },
      when: {
        expression: '#attempt = :attempt AND #state <> :used',
        names: { '#attempt': 'attempt', '#state': 'state' },
        values: { ':attempt': claim.attempt, ':used': 'used' },
      },
      onConflict: 'lost',
    },
    ...(employee.generation === claim.generation
      ? []
      : [retire(employee.tenant, employee.id, claim.generation, now)]),
  ]);
}

/** For a Cognito user that was made, or may have been, and that no account points to. */
export async function retireCredential(
  table: Table,
  employee: EmployeeItem,
  generation: string,
  now: Date,
): Promise<void> {
  await transact(table, [retire(employee.tenant, employee.id, generation, now)]);
}

export type NewPassword = {
  readonly employee: EmployeeItem;
  readonly generation: string;
  /** People keep their Cognito user, so their older tokens end by time; those of API Employees by generation. */
  readonly tokensValidAfter: number;
  readonly audit: AuditRecord;
};

/** Flips the pointer, uses up the link, retires the replaced password: one transaction, only for the claim. */
export async function commitReset(
  table: Table,
  reset: ResetItem,
  claim: Claim,
  change: NewPassword,
  now: Date,
): Promise<boolean> {
  // The notice of the new password is owed from now on.
  const owed = owedEntry(reset.id, epochSeconds(now));
  return commit(table, change, (newPassword) => [
    {
      update: resetKey(reset.id),
      set: {
        expression:
          'SET #state = :used, #outbox = :pending, #expiresAt = :keep, subjectPK = :owedPK, subjectSK = :owedSK ' +
          'REMOVE #leaseUntil',
        names: {
          '#state': 'state',
          '#outbox': 'outbox',
          '#expiresAt': 'expiresAt',
          '#leaseUntil': 'leaseUntil',
        },
        values: {
          ':used': 'used',
          ':pending': 'pending',
          ':keep': keptUntil(now),
          ':owedPK': owed.subjectPK,
          ':owedSK': owed.subjectSK,
        },
      },
      when: {
        expression: '#attempt = :attempt AND #state <> :used',
        names: { '#attempt': 'attempt' },
        values: { ':attempt': claim.attempt },
      },
      onConflict: 'lost',
    },
    ...pointerWrites(newPassword, now, {
      expression: '#resetId = :resetId AND ',
      values: { ':resetId': reset.id },
    }),
    { put: auditItem(change.audit) },
  ]);
}

/**
 * A password set by an admin (M6: never for an API Employee), or changed by a person who is signed in: voids any
 * open link, tells the owner. `goesOn` is the session that outlives the change, unless a revocation came between.
 */
export async function commitPasswordByHand(
  table: Table,
  change: NewPassword,
  now: Date,
  goesOn?: Write<never>,
): Promise<boolean> {
  const { employee } = change;
  const notice = newReset({ tenant: employee.tenant, employeeId: employee.id, requestedBy: 'admin' }, now);
  return commit(table, change, (newPassword) => [
    ...pointerWrites(
      newPassword,
      now,
      goesOn && {
        expression: '#tokensValidAfter = :seenAfter AND ',
        values: { ':seenAfter': employee.tokensValidAfter },
      },
    ),
    ...(goesOn ? [goesOn] : []),
    { put: { ...notice, state: 'used' }, when: NOT_EXISTS },
    { put: auditItem(change.audit) },
  ]);
}

type CommitConflict = 'lost' | 'ended_later';

/** A revocation that came between, of a later second, keeps its second: the password is committed with that (M18). */
async function commit(
  table: Table,
  change: NewPassword,
  writesOf: (change: NewPassword) => readonly Write<CommitConflict>[],
): Promise<boolean> {
  let { tokensValidAfter } = change;
  for (;;) {
    const conflicts = await transact<CommitConflict>(table, writesOf({ ...change, tokensValidAfter }));
    if (conflicts.length === 0) return true;
    if (conflicts.includes('lost')) return false;
    const standing = await readEmployee(table, change.employee.tenant, change.employee.id);
    // Otherwise it is the sign-in name that is no longer the one that was read.
    if (standing === undefined || standing.tokensValidAfter <= tokensValidAfter) return false;
    tokensValidAfter = standing.tokensValidAfter;
  }
}

function pointerWrites(
  change: NewPassword,
  now: Date,
  extra: { expression: string; values: Record<`:${string}`, unknown> } = { expression: '', values: {} },
): Write<CommitConflict>[] {
  const { employee, generation, tokensValidAfter } = change;
  const { tenant, id } = employee;
  const unchanged = employee.generation ? '#generation = :old' : 'attribute_not_exists(#generation)';
  const old = employee.generation ? { ':old': employee.generation } : {};
  const names = { '#generation': 'generation', '#tokensValidAfter': 'tokensValidAfter' } as const;
  const values = { ':generation': generation, ':after': tokensValidAfter };
  const login = LOGIN_OF(id);
  return [
    {
      update: employeeKey(tenant, id),
      set: {
        expression:
          'SET #generation = :generation, #tokensValidAfter = :after REMOVE #resetId ADD #version :one',
        names: { ...names, '#resetId': 'resetId', '#version': 'version' },
        values: { ...values, ':one': 1 },
      },
      when: {
        expression: `${extra.expression}#active = :yes AND ${unchanged}`,
        names: { '#active': 'active' },
        values: { ':yes': true, ...old, ...extra.values },
      },
      onConflict: 'lost',
    },
    {
      update: loginKey(tenant, foldName(employee.userName)),
      set: { expression: 'SET #generation = :generation, #tokensValidAfter = :after', names, values },
      when: { ...login, expression: `${login.expression} AND #tokensValidAfter <= :after` },
      onConflict: 'ended_later',
    },
    ...(employee.generation && employee.generation !== generation
      ? [retire(tenant, id, employee.generation, now)]
      : []),
  ];
}

/** The item whose stream record disables the Cognito user, and whose expiry deletes it. */
export function retire(tenant: string, employeeId: number, generation: string, now: Date): Write<never> {
  const cognitoUser = `${tenant}.${employeeId}.${generation}`;
  return {
    put: {
      ...retiredCredentialKey(cognitoUser),
      schema: 1,
      type: 'retired-credential',
      cognitoUser,
      retiredOn: now.toISOString(),
      expiresAt: epochSeconds(now) + RETIRED_CREDENTIAL_DAYS * DAY_SECONDS,
    },
  };
}
