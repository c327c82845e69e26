import { type Decision, refused } from '../rules/decision.ts';
import { acceptPassword, minimumPasswordLength, type PasswordRefusal } from '../rules/passwords.ts';
import { needsSecondFactor } from '../rules/second-factor.ts';
import type { EmployeeItem, TenantItem } from '../store/items.ts';

/** An account and what of its company bears on its password. */
export type Account = {
  readonly employee: EmployeeItem;
  readonly tenant: Pick<TenantItem, 'tenant' | 'company' | 'requireMfa'>;
};

export function accountOf({ employee, tenant }: Account) {
  return { userName: employee.userName, company: tenant.company };
}

export function minimumLengthFor({ employee, tenant }: Account): number {
  const { userType, sso } = employee;
  return minimumPasswordLength(userType, needsSecondFactor({ userType, sso, requireMfa: tenant.requireMfa }));
}

/** S8, for this account. Grants the form to store. */
export function acceptPasswordFor(account: Account, password: string): Decision<string, PasswordRefusal> {
  const { employee, tenant } = account;
  return acceptPassword({
    password,
    minimumLength: minimumLengthFor(account),
    names: [employee.userName, tenant.company, tenant.tenant],
  });
}

export type NotStored = { readonly reason: 'invalid_fields'; readonly problems: readonly string[] };

/** The user pool has the last word on a password; its own words stay with it (S12). */
export function notStored(): Decision<never, NotStored> {
  return refused({ reason: 'invalid_fields', problems: ['password cannot be used; pick another one'] });
}
