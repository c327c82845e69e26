import type { AccountFacts, ActorFacts } from '../../shared/rules/employee-changes.ts';
import type { RoleFacts } from '../../shared/rules/rights.ts';
import type { SignInFacts } from '../../shared/rules/tokens.ts';

/** Valid facts; a test changes one thing of them. */

export function role(change: Partial<RoleFacts> = {}): RoleFacts {
  return {
    id: 20,
    name: 'Integration',
    active: true,
    external: false,
    system: false,
    administrator: false,
    apiAccess: true,
    rights: { hr: ['view'] },
    ...change,
  };
}

export const INTEGRATION = role();
export const EXTERNAL_USER = role({ id: 7, name: 'External User', external: true, system: true, rights: {} });
export const HR_MANAGER = role({ id: 21, name: 'HR Manager', rights: { hr: ['view', 'modify'] } });
export const ADMINISTRATOR = role({
  id: 1,
  name: 'Administrator',
  system: true,
  administrator: true,
  rights: {
    hr: ['view', 'modify', 'delete'],
    security: ['view', 'modify', 'delete'],
    company: ['view', 'modify', 'delete'],
    audit: ['view', 'modify', 'delete'],
  },
});

export const OPERATOR: ActorFacts = { kind: 'operator' };

type EmployeeActor = Extract<ActorFacts, { kind: 'employee' }>;

export function actor(change: Partial<EmployeeActor> = {}): EmployeeActor {
  return { kind: 'employee', id: 1, userType: 'Employee', roles: [ADMINISTRATOR], ...change };
}

/** An active Employee that its actor, number 1, may edit. */
export function account(change: Partial<AccountFacts> = {}): AccountFacts {
  return {
    id: 5,
    userName: 'carol',
    emailAddress: 'carol@acme.example',
    userType: 'Employee',
    active: true,
    sso: false,
    roles: [INTEGRATION],
    ...change,
  };
}

export const ROOM = { total: 10, used: 5 };
export const FULL = { total: 10, used: 10 };

/** An API Employee of whom nothing stands against a token. */
export function signIn(change: Partial<SignInFacts> = {}): SignInFacts {
  return {
    userType: 'API Employee',
    active: true,
    sso: false,
    roles: [INTEGRATION],
    tenantActive: true,
    requireMfa: false,
    secondFactorPassed: false,
    ...change,
  };
}
