import { foldName } from '../rules/names.ts';
import type { RoleFacts } from '../rules/rights.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import {
  counterWrites,
  type EmployeeConflict,
  holderWrites,
  holdingsOf,
  LOGIN_OF,
  type SaveContext,
  VERSION_AS_READ,
} from './employees.ts';
import type { EmployeeItem } from './items.ts';
import { employeeKey, loginKey, recoveryCodesKey } from './keys.ts';
import { retire } from './new-passwords.ts';
import { type Table, transact } from './table.ts';

/**
 * Takes the account away: its sign-in name is free again, its licence and roles are given back, its Cognito user
 * is retired. What refers to it by id, an open link and its tokens among it, finds nobody any more.
 */
export function deleteEmployee(
  table: Table,
  employee: EmployeeItem,
  roles: readonly RoleFacts[],
  context: Pick<SaveContext, 'effects' | 'audit'>,
): Promise<readonly EmployeeConflict[]> {
  const { tenant, id, generation } = employee;
  return transact<EmployeeConflict>(table, [
    { remove: employeeKey(tenant, id), when: VERSION_AS_READ(employee), onConflict: 'changed_meanwhile' },
    {
      remove: loginKey(tenant, foldName(employee.userName)),
      when: LOGIN_OF(id),
      onConflict: 'changed_meanwhile',
    },
    ...counterWrites(tenant, employee, undefined, context.effects),
    ...holderWrites(tenant, holdingsOf(employee.userType, roles), []),
    { remove: recoveryCodesKey(tenant, id) },
    ...(generation === undefined ? [] : [retire(tenant, id, generation, context.audit.at)]),
    { put: auditItem(context.audit) },
  ]);
}

/**
 * Ends every token of sign-ins up to and including this second (M18); the password stays. Without a record where one
 * stands already, of the same act.
 */
export function endTokens(
  table: Table,
  employee: EmployeeItem,
  tokensValidAfter: number,
  audit: AuditRecord | undefined,
): Promise<readonly 'changed_meanwhile'[]> {
  const names = { '#tokensValidAfter': 'tokensValidAfter' } as const;
  const values = { ':after': tokensValidAfter };
  return transact<'changed_meanwhile'>(table, [
    {
      update: employeeKey(employee.tenant, employee.id),
      set: {
        expression: 'SET #tokensValidAfter = :after ADD #version :one',
        names: { ...names, '#version': 'version' },
        values: { ...values, ':one': 1 },
      },
      when: VERSION_AS_READ(employee),
      onConflict: 'changed_meanwhile',
    },
    {
      update: loginKey(employee.tenant, foldName(employee.userName)),
      set: { expression: 'SET #tokensValidAfter = :after', names, values },
      when: LOGIN_OF(employee.id),
      onConflict: 'changed_meanwhile',
    },
    ...(audit === undefined ? [] : [{ put: auditItem(audit) }]),
  ]);
}
