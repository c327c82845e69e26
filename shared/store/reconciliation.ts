import * as v from 'valibot';
import { foldName } from '../rules/names.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { LOGIN_OF } from './employees.ts';
import { type EmployeeItem, employeeItem } from './items.ts';
import {
  EMPLOYEE_PREFIX,
  employeeKey,
  loginKey,
  reconciliationKey,
  recoveryCodesKey,
  retiredCredentialKey,
  tenantPartition,
} from './keys.ts';
import { retire } from './new-passwords.ts';
import { batchGet, getItem, NOT_EXISTS, putItem, queryPages, type Table, transact } from './table.ts';

/** All employees of a company, as they are now. */
export async function* employeesOf(table: Table, tenant: string): AsyncGenerator<EmployeeItem> {
  const query = {
    KeyConditionExpression: 'PK = :tenant AND begins_with(SK, :employees)',
    ExpressionAttributeValues: {
      ':tenant': { S: tenantPartition(tenant) },
      ':employees': { S: EMPLOYEE_PREFIX },
    },
    ConsistentRead: true,
  };
  for await (const page of queryPages(table, employeeItem, query)) yield* page;
}

const reconciliationItem = v.object({ type: v.literal('reconciliation'), after: v.optional(v.string()) });

/** The company after which the daily run goes on; undefined where the one before came to its end. */
export async function reconciledUntil(table: Table): Promise<string | undefined> {
  return (await getItem(table, reconciliationKey, reconciliationItem))?.after;
}

export function noteReconciledUntil(table: Table, after: string | undefined): Promise<void> {
  return putItem(table, { ...reconciliationKey, schema: 1, type: 'reconciliation', after });
}

const retiredCredential = v.object({ type: v.literal('retired-credential'), retiredOn: v.string() });

/** Those of the Cognito users that are known to be replaced, and since when. */
export async function retiredAmong(
  table: Table,
  cognitoUsers: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const wanted = cognitoUsers.map(
    (user) => [user, { key: retiredCredentialKey(user), schema: retiredCredential }] as const,
  );
  const found = await batchGet(table, Object.fromEntries(wanted));
  return new Map(
    Object.entries(found).flatMap(([user, item]) =>
      item ? [[user, new Date(item.retiredOn)] as const] : [],
    ),
  );
}

export type CredentialPointer = {
  readonly tenant: string;
  readonly employeeId: number;
  readonly generation: string;
};

/** Retires a Cognito user that no account points to, on condition that none does at that moment. */
export async function retireOrphan(table: Table, user: CredentialPointer, now: Date): Promise<boolean> {
  const { tenant, employeeId, generation } = user;
  const conflicts = await transact<'in_use'>(table, [
    {
      check: employeeKey(tenant, employeeId),
      when: {
        expression: 'attribute_not_exists(#generation) OR #generation <> :generation',
        names: { '#generation': 'generation' },
        values: { ':generation': generation },
      },
      onConflict: 'in_use',
    },
    { ...retire(tenant, employeeId, generation, now), when: NOT_EXISTS, onConflict: 'in_use' },
  ]);
  return conflicts.length === 0;
}

/** Puts the record of a replaced password into the stream once more: its Cognito user is still enabled. */
export async function wakeRetired(table: Table, cognitoUser: string, now: Date): Promise<void> {
  await transact<'gone'>(table, [
    {
      update: retiredCredentialKey(cognitoUser),
      set: {
        expression: 'SET #wokenOn = :now',
        names: { '#wokenOn': 'wokenOn' },
        values: { ':now': now.toISOString() },
      },
      when: { expression: 'attribute_exists(PK)' },
      onConflict: 'gone',
    },
  ]);
}

/**
 * Forgets a password whose Cognito user is gone, with the second factor that went with it, and owes the account a
 * set-up link: it is as before its first password. Conditional on the account being as read.
 */
export async function replaceLostCredential(
  table: Table,
  employee: EmployeeItem & { readonly generation: string },
  reset: Record<string, unknown>,
  audit: AuditRecord,
): Promise<boolean> {
  const { tenant, id, generation } = employee;
  const names = {
    '#generation': 'generation',
    '#secondFactorOn': 'secondFactorOn',
    '#mustEnrol': 'mustEnrol',
  } as const;
  const forgotten = 'REMOVE #generation, #secondFactorOn, #mustEnrol';
  const conflicts = await transact<'changed_meanwhile'>(table, [
    {
      update: employeeKey(tenant, id),
      set: {
        expression: `SET #instructionsState = :pending, #instructionsOn = :on ${forgotten}, #mailProblem ADD #version :one`,
        names: {
          ...names,
          '#instructionsState': 'instructionsState',
          '#instructionsOn': 'instructionsOn',
          '#mailProblem': 'mailProblem',
          '#version': 'version',
        },
        values: { ':pending': 'pending', ':on': audit.at.toISOString(), ':one': 1 },
      },
      when: {
        expression: '#active = :yes AND #generation = :lost AND #emailAddress = :address',
        names: { '#active': 'active', '#emailAddress': 'emailAddress' },
        values: { ':yes': true, ':lost': generation, ':address': employee.emailAddress },
      },
      onConflict: 'changed_meanwhile',
    },
    {
      update: loginKey(tenant, foldName(employee.userName)),
      set: { expression: forgotten, names },
      when: LOGIN_OF(id),
      onConflict: 'changed_meanwhile',
    },
    { remove: recoveryCodesKey(tenant, id) },
    // Where it is only disabled, it is on its way out now like any other that was replaced.
    retire(tenant, id, generation, audit.at),
    { put: reset, when: NOT_EXISTS },
    { put: auditItem(audit) },
  ]);
  return conflicts.length === 0;
}
