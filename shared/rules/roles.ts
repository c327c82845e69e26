import { type Decision, granted, refused } from './decision.ts';
import { type ActorFacts, type EmployeeRefusal, withinOwnRights } from './employee-changes.ts';
import { ACTIONS, MODULES, type Rights, type RoleFacts } from './rights.ts';

export type RoleRefusal =
  | { readonly reason: 'system_role_fixed'; readonly fields: readonly string[] }
  | { readonly reason: 'administrator_fixed'; readonly fields: readonly string[] }
  | { readonly reason: 'role_held_by_internal_users'; readonly holders: number };

/** M12, M15 and the fixed parts of built-in roles, when a role is edited. */
export function mayChangeRole(facts: {
  readonly before: RoleFacts;
  readonly after: RoleFacts;
  readonly internalHolders: number;
  readonly actor: ActorFacts;
}): Decision<RoleFacts, RoleRefusal | Extract<EmployeeRefusal, { reason: 'beyond_own_rights' }>> {
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
