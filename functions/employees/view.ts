import type { EmployeeItem, ListedEmployee, TenantItem } from '../../shared/store/items.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Throttle } from '../../shared/store/throttles.ts';

/** An employee as HR > Employees lists it. */
export function employeeSummary(tenant: TenantItem, employee: ListedEmployee) {
  return {
    id: employee.id,
    userName: employee.userName,
    firstName: employee.firstName,
    lastName: employee.lastName,
    emailAddress: employee.emailAddress ?? null,
    userType: employee.userType,
    isActive: employee.active,
    isSso: employee.sso,
    employeeNumber: employee.employeeNumber ?? null,
    jobTitle: employee.jobTitle ?? null,
    department: employee.department ?? null,
    location: employee.location ?? null,
    securityRoles: rolesOf(tenant, employee.roleIds).map(({ id, name }) => ({ id, name })),
  };
}

/** An employee in full. */
export function employeeView(tenant: TenantItem, employee: EmployeeItem) {
  return {
    ...employeeSummary(tenant, employee),
    timeZone: employee.timeZone ?? null,
    notes: employee.notes ?? null,
    hasPassword: employee.generation !== undefined,
    lastInstructions: { state: employee.instructionsState, at: employee.instructionsOn ?? null },
    mailProblem: employee.mailProblem ?? null,
    createdOn: employee.createdOn,
    modifiedOn: employee.modifiedOn,
  };
}

/** Guesses against an account, as an admin sees them. */
export function throttleView(throttles: readonly Throttle[]) {
  const time = (until: number | undefined) =>
    until === undefined ? null : new Date(until * 1000).toISOString();
  return {
    isThrottled: throttles.some(({ until }) => until !== undefined),
    networks: throttles.map(({ network, failures, guessesToday, until, untilOnceLifted }) => ({
      network: network ?? null,
      failures,
      guessesToday,
      throttledUntil: time(until),
      throttledUntilOnceLifted: time(untilOnceLifted),
    })),
  };
}
