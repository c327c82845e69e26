import { type Decision, granted, refused } from './decision.ts';
import { ACTIONS, hasRight, MODULES, type RoleFacts } from './rights.ts';
import { consumesLicence, isApiEmployee, isInternal, type UserType } from './user-types.ts';

/** The facts about an account that the rules look at. */
export type AccountFacts = {
  readonly id: number;
  readonly userName: string;
  readonly emailAddress: string | undefined;
  readonly userType: UserType;
  readonly active: boolean;
  readonly sso: boolean;
  readonly roles: readonly RoleFacts[];
};

/** What a company counts an account by. */
type CountedFacts = Omit<AccountFacts, 'id' | 'userName'>;

export type LicenceFacts = { readonly total: number; readonly used: number };

/** Who asks for a change: an employee with a bearer token, or an operator of the deployment. */
export type ActorFacts =
  | {
      readonly kind: 'employee';
      readonly id: number;
      readonly userType: UserType;
      readonly roles: readonly RoleFacts[];
    }
  | { readonly kind: 'operator' };

export type EmployeeRefusal =
  | { readonly reason: 'user_type_final' }
  | { readonly reason: 'conversion_to_api_employee'; readonly from: UserType }
  | { readonly reason: 'licences_exhausted'; readonly total: number; readonly used: number }
  | { readonly reason: 'external_role_on_internal_user'; readonly roles: readonly string[] }
  | { readonly reason: 'last_administrator' }
  | { readonly reason: 'own_roles' }
  | { readonly reason: 'own_identity' }
  | { readonly reason: 'beyond_own_rights'; readonly roles: readonly string[] };

/** What a change does to the counting items that share its transaction. */
export type EmployeeEffects = {
  readonly licences: -1 | 0 | 1;
  readonly administrators: -1 | 0 | 1;
};

/** M1, M10, M12 on creation. */
export function mayCreateEmployee(facts: {
  readonly account: CountedFacts;
  readonly licences: LicenceFacts;
  readonly actor: ActorFacts;
}): Decision<
  EmployeeEffects,
  Extract<
    EmployeeRefusal,
    { reason: 'licences_exhausted' | 'external_role_on_internal_user' | 'beyond_own_rights' }
  >
> {
  const { account, actor } = facts;
  const roles = mayHoldRoles(account.userType, account.roles);
  if (!roles.ok) return roles;
  const reach = withinOwnRights(actor, account.roles);
  if (!reach.ok) return reach;
  return withLicence(facts.licences, effectsBetween(undefined, account));
}

/** M8, M9, M10, M12 and the last Administrator, on every other change: edit, (de)activation, roles. */
export function mayChangeEmployee(facts: {
  readonly before: AccountFacts;
  readonly after: AccountFacts;
  readonly licences: LicenceFacts;
  readonly activeAdministrators: number;
  readonly actor: ActorFacts;
}): Decision<EmployeeEffects, EmployeeRefusal> {
  const { before, after, actor } = facts;
  const type = mayChangeType(before.userType, after.userType);
  if (!type.ok) return type;
  const roles = mayHoldRoles(after.userType, after.roles);
  if (!roles.ok) return roles;
  if (isOwnProgram(actor, before)) {
    if (changesRoles(before, after)) return refused({ reason: 'own_roles' });
    if (changesIdentity(before, after)) return refused({ reason: 'own_identity' });
  }
  const reach = withinOwnRights(actor, [...before.roles, ...after.roles]);
  if (!reach.ok) return reach;
  const effects = effectsBetween(before, after);
  if (effects.administrators < 0 && facts.activeAdministrators <= 1) {
    return refused({ reason: 'last_administrator' });
  }
  return withLicence(facts.licences, effects);
}

/** The last Administrator and the reach of rights, when an account is deleted. */
export function mayDeleteEmployee(facts: {
  readonly before: AccountFacts;
  readonly activeAdministrators: number;
  readonly actor: ActorFacts;
}): Decision<
  EmployeeEffects,
  Extract<EmployeeRefusal, { reason: 'last_administrator' | 'beyond_own_rights' }>
> {
  const reach = withinOwnRights(facts.actor, facts.before.roles);
  if (!reach.ok) return reach;
  const effects = effectsBetween(facts.before, undefined);
  return effects.administrators < 0 && facts.activeAdministrators <= 1
    ? refused({ reason: 'last_administrator' })
    : granted(effects);
}

function mayChangeType(
  before: UserType,
  after: UserType,
): Decision<null, Extract<EmployeeRefusal, { reason: 'user_type_final' | 'conversion_to_api_employee' }>> {
  if (before === after) return granted(null);
  if (isApiEmployee(before)) return refused({ reason: 'user_type_final' }); // M8
  if (isApiEmployee(after)) return refused({ reason: 'conversion_to_api_employee', from: before }); // M9
  return granted(null);
}

/** M12. */
function mayHoldRoles(
  userType: UserType,
  roles: readonly RoleFacts[],
): Decision<null, Extract<EmployeeRefusal, { reason: 'external_role_on_internal_user' }>> {
  const external = roles.filter((role) => role.external);
  return isInternal(userType) && external.length > 0
    ? refused({ reason: 'external_role_on_internal_user', roles: external.map((role) => role.name) })
    : granted(null);
}

/**
 * Nobody reaches beyond the rights held: else whoever may edit employees could make itself Administrator, or
 * move an Administrator's mail address and take the account over with a reset.
 */
export function withinOwnRights(
  actor: ActorFacts,
  touched: readonly RoleFacts[],
): Decision<null, Extract<EmployeeRefusal, { reason: 'beyond_own_rights' }>> {
  if (actor.kind === 'operator') return granted(null);
  const beyond = touched.filter((role) => !covers(actor.roles, role));
  return beyond.length === 0
    ? granted(null)
    : refused({ reason: 'beyond_own_rights', roles: [...new Set(beyond.map((role) => role.name))] });
}

function covers(held: readonly RoleFacts[], role: RoleFacts): boolean {
  if (held.some((own) => own.active && own.administrator)) return true;
  if (role.administrator) return false;
  return MODULES.every((module) =>
    ACTIONS.every((action) => !role.rights[module]?.includes(action) || hasRight(held, { module, action })),
  );
}

/** An API Employee at its own account: whoever stole its token would be no other. */
function isOwnProgram(actor: ActorFacts, { id }: AccountFacts): boolean {
  return actor.kind === 'employee' && actor.id === id && isApiEmployee(actor.userType);
}

function changesRoles(before: AccountFacts, after: AccountFacts): boolean {
  const held = new Set(before.roles.map((role) => role.id));
  return held.size !== after.roles.length || after.roles.some((role) => !held.has(role.id));
}

/** By either the account could be taken for good: links go to the address, and its owner signs in by the name. */
function changesIdentity(before: AccountFacts, after: AccountFacts): boolean {
  return before.userName !== after.userName || before.emailAddress !== after.emailAddress;
}

/**
 * Those who can sign in to mend a tenant: not an API Employee (M7), nobody whose password is refused because of the
 * SSO mark, and nobody who could not be mailed a link when the password is forgotten (M5).
 */
function countsAsAdministrator(account: CountedFacts): boolean {
  const { active, sso, emailAddress, userType, roles } = account;
  const canSignIn = active && !sso && !isApiEmployee(userType);
  return canSignIn && emailAddress !== undefined && roles.some((role) => role.administrator);
}

/** What the counters of a company change by; from nothing to an account: what it counts for. */
export function effectsBetween(
  before: CountedFacts | undefined,
  after: CountedFacts | undefined,
): EmployeeEffects {
  const licence = (account: typeof before) =>
    account !== undefined && consumesLicence(account.userType, account.active);
  const administrator = (account: typeof before) => account !== undefined && countsAsAdministrator(account);
  return {
    licences: step(licence(before), licence(after)),
    administrators: step(administrator(before), administrator(after)),
  };
}

function step(before: boolean, after: boolean): -1 | 0 | 1 {
  if (before === after) return 0;
  return after ? 1 : -1;
}

/** M10. */
function withLicence(
  licences: LicenceFacts,
  effects: EmployeeEffects,
): Decision<EmployeeEffects, Extract<EmployeeRefusal, { reason: 'licences_exhausted' }>> {
  return effects.licences > 0 && licences.used >= licences.total
    ? refused({ reason: 'licences_exhausted', total: licences.total, used: licences.used })
    : granted(effects);
}

type Mailable = { readonly active: boolean; readonly emailAddress?: string | undefined };

/** What an edit makes void: a link that went to another address, or to an account now inactive; an address's mark. */
export function voidedByEdit(before: Mailable, after: Mailable): readonly ('resetId' | 'mailProblem')[] {
  if (before.emailAddress !== after.emailAddress) return ['resetId', 'mailProblem'];
  return after.active ? [] : ['resetId'];
}
