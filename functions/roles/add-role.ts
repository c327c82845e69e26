import type { Answer, BearerActor } from '../../shared/http/call.ts';
import { newRoleId } from '../../shared/ids.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import type { EmployeeRefusal } from '../../shared/rules/employee-changes.ts';
import type { RoleFacts } from '../../shared/rules/rights.ts';
import { mayAddRole, type RoleRefusal } from '../../shared/rules/roles.ts';
import type { Origin } from '../../shared/store/audit.ts';
import { createRole, FIRST_VERSION } from '../../shared/store/roles.ts';
import { StoreBusyError, type Table } from '../../shared/store/table.ts';
import { AUDITED_FIELDS, nameTaken, roleAudit } from './role-change.ts';
import { roleView } from './view.ts';

/** Ids are drawn at random; that many draws in a row never meet taken ones. */
const ID_DRAWS = 3;

type AddRefusal =
  | Extract<RoleRefusal, { reason: 'roles_exhausted' }>
  | Extract<EmployeeRefusal, { reason: 'beyond_own_rights' }>
  | { readonly reason: 'role_name_taken'; readonly name: string }
  | { readonly reason: 'changed_meanwhile' };

type NewRole = Pick<RoleFacts, 'name' | 'active' | 'external' | 'apiAccess' | 'rights'>;

/** A role of the company's own, written anew or copied from another. */
export async function addRole(
  table: Table,
  call: { readonly actor: BearerActor; readonly origin: Origin; readonly now: Date },
  fields: NewRole,
  copied?: RoleFacts,
): Promise<Decision<Answer, AddRefusal>> {
  const { tenant, facts: actor } = call.actor;
  for (let draw = 0; draw < ID_DRAWS; draw += 1) {
    const role = { ...fields, id: newRoleId(), system: false, administrator: false };
    const rolesNow = Object.keys(tenant.roles).length;
    const decision = mayAddRole({ touched: copied ? [copied, role] : [role], rolesNow, actor });
    if (!decision.ok) return decision;
    if (nameTaken(tenant, role)) return refused({ reason: 'role_name_taken', name: role.name });
    const conflicts = await createRole(table, tenant, role, {
      ...roleAudit('role.create', call, role.id),
      changes: Object.fromEntries(AUDITED_FIELDS.map((field) => [field, { after: role[field] }])),
      ...(copied ? { details: { copyOf: copied.id } } : {}),
    });
    if (conflicts.length === 0) {
      const result = roleView({ ...role, internalHolders: 0, externalHolders: 0 });
      return granted({ result, version: FIRST_VERSION });
    }
    if (!conflicts.includes('id_taken')) return refused({ reason: 'changed_meanwhile' });
  }
  throw new StoreBusyError('No free role id was drawn');
}
