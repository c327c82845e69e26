import type { RoleFacts } from '../rules/rights.ts';
import { endedUpTo } from '../rules/tokens.ts';
import { familyItem } from './families.ts';
import { type EmployeeItem, employeeItem, loginItem, type TenantItem, tenantItem } from './items.ts';
import { employeeKey, familyKey, loginKey, tenantKey } from './keys.ts';
import { batchGet, type Table } from './table.ts';

/** One consistent read with all that sign-in decides by. */
export function readSignIn(table: Table, tenant: string, folded: string) {
  return batchGet(table, {
    tenant: { key: tenantKey(tenant), schema: tenantItem },
    login: { key: loginKey(tenant, folded), schema: loginItem },
  });
}

/** One consistent read with all that a bearer call is authorised by (M18). */
export function readBearer(table: Table, tenant: string, employeeId: number, originJti: string) {
  return batchGet(table, {
    tenant: { key: tenantKey(tenant), schema: tenantItem },
    employee: { key: employeeKey(tenant, employeeId), schema: employeeItem },
    family: { key: familyKey(originJti), schema: familyItem },
  });
}

/** One consistent read of a company and one of its employees, as they are now. */
export function readAccount(table: Table, tenant: string, employeeId: number) {
  return batchGet(table, {
    tenant: { key: tenantKey(tenant), schema: tenantItem },
    employee: { key: employeeKey(tenant, employeeId), schema: employeeItem },
  });
}

export function rolesOf(tenant: TenantItem, roleIds: readonly number[]): RoleFacts[] {
  return roleIds.flatMap((id) => tenant.roles[String(id)] ?? []);
}

/** What the rules of tokens and sessions look at of an account. */
export function accountStanding(tenant: TenantItem, employee: EmployeeItem) {
  return {
    userType: employee.userType,
    active: employee.active,
    sso: employee.sso,
    roles: rolesOf(tenant, employee.roleIds),
    tenantActive: tenant.active,
    requireMfa: tenant.requireMfa,
    hasSecondFactor: employee.secondFactorOn !== undefined,
    mustEnrol: employee.mustEnrol,
    generation: employee.generation,
    tokensValidAfterEpochSeconds: endedUpTo(tenant, employee),
  };
}
