import { nameHolds } from './name-order.ts';
import { isApiEmployee, type UserType } from './user-types.ts';

/** What the pickers look at of an employee. */
export type PersonFacts = {
  readonly id: number;
  readonly userType: UserType;
  readonly active: boolean;
  readonly userName: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly emailAddress?: string | undefined;
  readonly jobTitle?: string | undefined;
};

/** What a picker asks for. Inactive people only where it asks for them. */
export type PeopleFilter = {
  readonly active?: boolean | undefined;
  readonly excludedIds?: readonly number[] | undefined;
  /** Part of the full name. */
  readonly name?: string | undefined;
  /** Part of the full name, the user name, the mail address or the job title. */
  readonly text?: string | undefined;
  /** Without External Employees. */
  readonly employeesOnly?: boolean | undefined;
};

/** M11: an API Employee is listed in HR > Employees and nowhere else. */
export function isPerson(account: { readonly userType: UserType }): boolean {
  return !isApiEmployee(account.userType);
}

export function fullName({ firstName, lastName }: Pick<PersonFacts, 'firstName' | 'lastName'>): string {
  return `${firstName} ${lastName}`;
}

export function mayBePicked(account: PersonFacts, filter: PeopleFilter): boolean {
  return (
    isPerson(account) &&
    account.active === (filter.active ?? true) &&
    !(filter.employeesOnly === true && account.userType !== 'Employee') &&
    !filter.excludedIds?.includes(account.id) &&
    nameHolds(fullName(account), filter.name) &&
    nameHolds(searchable(account), filter.text)
  );
}

function searchable(account: PersonFacts): string {
  const { userName, emailAddress = '', jobTitle = '' } = account;
  return [fullName(account), userName, emailAddress, jobTitle].join('\n');
}
