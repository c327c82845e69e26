import { randomBytes } from 'node:crypto';
import { isApiEmployee, type UserType } from '../rules/user-types.ts';

/**
 * The Cognito user name `<tenant>.<employeeId>.<generation>` is the account's key inside every access token.
 * Nothing that people type is in it. The generation begins with `a` for API Employees, each of whose passwords
 * is a user of its own, and with `p` for people, who keep theirs.
 */
export type CognitoUser = {
  readonly tenant: string;
  readonly employeeId: number;
  readonly generation: string;
};

export function cognitoUserName(user: CognitoUser): string {
  return `${user.tenant}.${user.employeeId}.${user.generation}`;
}

export function parseCognitoUser(name: string): CognitoUser | undefined {
  const match = /^([\p{L}\p{M}\p{N}-]{1,128})\.([1-9]\d{0,9})\.([ap][0-9a-f]{20})$/u.exec(name);
  const [, tenant, employeeId, generation] = match ?? [];
  return tenant && employeeId && generation
    ? { tenant, employeeId: Number(employeeId), generation }
    : undefined;
}

export function newGeneration(userType: UserType): string {
  return `${isApiEmployee(userType) ? 'a' : 'p'}${randomBytes(10).toString('hex')}`;
}

export function isApiGeneration(generation: string): boolean {
  return generation.startsWith('a');
}
