import { type Decision, granted, refused } from './decision.ts';
import { type ActorFacts, type EmployeeRefusal, withinOwnRights } from './employee-changes.ts';
import { ACTIONS, MODULES, type Rights, type RoleFacts } from './rights.ts';

/** Every role weighs on the one item that each call reads; no company is known to need more. */
export const ROLES_MAX = 200;

export type RoleRefusal =
  | { readonly reason: 'system_role_fixed'; readonly fields: readonly string[] }
  | { readonly reason: 'administrator_fixed'; readonly fields: readonly string[] }
  | { readonly reason: 'role_held_by_internal_users'; readonly holders: number }
  | { readonly reason: 'system_role_stays' }
  | { readonly reason: 'role_in_use'; readonly holders: number }
  | { readonly reason: 'roles_exhausted'; readonly limit: number };

type EditRefusal = Extract<
  RoleRefusal,
  { reason: 'system_role_fixed' | 'administrator_fixed' | 'role_held_by_internal_users' }
>;
type BeyondOwnRights = Extract<EmployeeRefusal, { reason: 'beyond_own_rights' }>;

/** On create and copy: no role gives what its maker does not have, and there are not too many. */
export function mayAddRole(facts: {
  /** Of a copy, the role that it is a copy of too. */
  readonly touched: readonly RoleFacts[];
  readonly rolesNow: number;
  readonly actor: ActorFacts;
}): Decision<null, Extract<RoleRefusal, { reason: 'roles_exhausted' }> | BeyondOwnRights> {
  const reach = withinOwnRights(facts.actor, facts.touched);
  if (!reach.ok) return reach;
  return facts.rolesNow >= ROLES_MAX
    ? refused({ reason: 'roles_exhausted', limit: ROLES_MAX })
    : granted(null);
}

/** Built-in roles stay, and so does a role that anybody holds, active or not. */
export function mayDeleteRole(facts: {
  readonly role: RoleFacts;
  readonly holders: number;
  readonly actor: ActorFacts;
}): Decision<null, Extract<RoleRefusal, { reason: 'system_role_stays' | 'role_in_use' }> | BeyondOwnRights> {
  const reach = withinOwnRights(facts.actor, [facts.role]);
  if (!reach.ok) return reach;
  if (facts.role.system) return refused({ reason: 'system_role_stays' });
  return facts.holders > 0 ? refused({ reason: 'role_in_use', holders: facts.holders }) : granted(null);
}

/** M12, M15 and the fixed parts of built-in roles, when a role is edited. */
export function mayChangeRole(facts: {
  readonly before: RoleFacts;
  readonly after: RoleFacts;
  readonly internalHolders: number;
  readonly actor: ActorFacts;
}): Decision<RoleFacts, EditRefusal | BeyondOwnRights> {
  const { before, after } = facts;
  const reach = withinOwnRights(facts.actor, [before, after]);
  if (!reach.ok) return reach;
  // M12: a role that internal users hold cannot turn external under them.
  if (after.external && !before.external && facts.internalHolders > 0) {
    return refused({ reason: 'role_held_by_internal_users', holders: facts.internalHolders });
  }
  const fields = changedFields(before, after);
  if (before.administrator && fields.length > 0) {
    // It may always obtain tokens (M15) and holds every right: nothing of it can be edited.
    return refused({ reason: 'administrator_fixed', fields });
  }
  if (before.system && fields.includes('name'))
    return refused({ reason: 'system_role_fixed', fields: ['name'] });
  return granted(after);
}

function changedFields(before: RoleFacts, after: RoleFacts): string[] {
  const fields: string[] = [];
  if (before.name !== after.name) fields.push('name');
  if (before.active !== after.active) fields.push('isActive');
  if (before.external !== after.external) fields.push('isExternal');
  if (before.apiAccess !== after.apiAccess) fields.push('apiAccess');
  if (!sameRights(before.rights, after.rights)) fields.push('rights');
  return fields;
}

/** The order in which a client lists them means nothing. */
function sameRights(before: Rights, after: Rights): boolean {
  return MODULES.every((module) =>
    ACTIONS.every(
      (action) => (before[module]?.includes(action) ?? false) === (after[module]?.includes(action) ?? false),
    ),
  );
}
