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

/** Scripts whose names are written family name first, with nothing between. */
const UNPARTED = /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}]/u;

/** What a search by name looks through: people type `Eva Müller`, `Müller Eva`, `Müller, Eva` and `田中太郎`. */
export function searchedNames(person: Pick<PersonFacts, 'firstName' | 'lastName'>): string {
  const { firstName, lastName } = person;
  const names = [fullName(person), `${lastName} ${firstName}`, `${lastName}, ${firstName}`];
  if (UNPARTED.test(lastName)) names.push(lastName + firstName);
  return names.join('\n');
}

export function mayBePicked(account: PersonFacts, filter: PeopleFilter): boolean {
  return (
    isPerson(account) &&
    account.active === (filter.active ?? true) &&
    !(filter.employeesOnly === true && account.userType !== 'Employee') &&
    !filter.excludedIds?.includes(account.id) &&
    nameHolds(searchedNames(account), filter.name) &&
    nameHolds(searchable(account), filter.text)
  );
}

function searchable(account: PersonFacts): string {
  const { userName, emailAddress = '', jobTitle = '' } = account;
  return [searchedNames(account), userName, emailAddress, jobTitle].join('\n');
}
