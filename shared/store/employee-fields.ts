import { type Decision, granted, refused } from '../rules/decision.ts';
import type { AccountFacts } from '../rules/employee-changes.ts';
import type { RoleFacts } from '../rules/rights.ts';
import { changesBetween } from './audit.ts';
import type { EmployeeProfile } from './employees.ts';
import type { EmployeeItem, TenantItem } from './items.ts';
import { rolesOf } from './sign-in.ts';

/** The roles that a request names; those that the company does not have are named back. */
export function rolesNamed(
  tenant: TenantItem,
  ids: readonly number[],
): Decision<RoleFacts[], { reason: 'invalid_fields'; problems: string[] }> {
  const unknown = ids.filter((id) => tenant.roles[String(id)] === undefined);
  return unknown.length === 0
    ? granted(rolesOf(tenant, ids))
    : refused({
        reason: 'invalid_fields',
        problems: [`securityRoleIds names roles that do not exist: ${unknown.join(', ')}`],
      });
}

/** What the rules look at of an employee. */
export function accountFacts(employee: EmployeeItem, roles: readonly RoleFacts[]): AccountFacts {
  return { ...employee, emailAddress: employee.emailAddress, roles };
}

const PROFILE_FIELDS = [
  'emailAddress',
  'employeeNumber',
  'jobTitle',
  'department',
  'location',
  'timeZone',
  'notes',
] as const satisfies readonly (keyof EmployeeProfile)[];

type ProfileInput = { readonly [Field in (typeof PROFILE_FIELDS)[number]]?: string | null | undefined };

/** What is left out stays as it is; null clears. */
export function profileFrom(input: ProfileInput, before: EmployeeProfile = {}): EmployeeProfile {
  return Object.fromEntries(
    PROFILE_FIELDS.map((field) => [field, input[field] === undefined ? before[field] : input[field]]).filter(
      ([, value]) => value !== undefined && value !== null,
    ),
  );
}

const AUDITED_FIELDS = [
  'userName',
  'firstName',
  'lastName',
  ...PROFILE_FIELDS,
  'userType',
  'active',
  'sso',
  'roleIds',
] as const;

/** What the audit tells of a change: every field of a new employee (no `before`) and of one deleted (no `after`). */
export function employeeChanges(before: EmployeeItem | undefined, after: EmployeeItem | undefined) {
  return changesBetween<Partial<EmployeeItem>>(before ?? {}, after ?? {}, AUDITED_FIELDS);
}
