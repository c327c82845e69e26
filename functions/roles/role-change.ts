import type { Answer, BearerActor } from '../../shared/http/call.ts';
import type { Refusal } from '../../shared/refusal.ts';
import type { Decision } from '../../shared/rules/decision.ts';
import { foldName } from '../../shared/rules/names.ts';
import { hasRight, type Right, type RoleFacts } from '../../shared/rules/rights.ts';
import { type AuditAction, employeeActor, type Origin } from '../../shared/store/audit.ts';
import type { TenantItem } from '../../shared/store/items.ts';
import { readAccount, rolesOf } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';

/** All role changes of a company queue at one version; each says what to do, so it can be done after another. */
const MERGE_ROUNDS = 6;
const MERGE_PAUSE_MILLISECONDS = 15;

/**
 * Makes one change of a role, and makes it again on what is there now when another came between. Each round
 * decides afresh by every rule, the caller's own rights included.
 */
export async function merging<O extends Decision<Answer, Refusal>>(
  table: Table,
  { actor, right }: { readonly actor: BearerActor; readonly right: Right },
  change: (actor: BearerActor) => Promise<O>,
): Promise<O> {
  let current: BearerActor | undefined = actor;
  let outcome = await change(current);
  for (let round = 1; round < MERGE_ROUNDS; round += 1) {
    if (outcome.ok || outcome.refusal.reason !== 'changed_meanwhile') break;
    await new Promise((resolve) => setTimeout(resolve, MERGE_PAUSE_MILLISECONDS * round * Math.random()));
    current = await lookAgain(table, actor, right);
    // Whoever lost the right meanwhile is told why when the call is repeated.
    if (current === undefined) break;
    outcome = await change(current);
  }
  return outcome;
}

async function lookAgain(table: Table, actor: BearerActor, right: Right): Promise<BearerActor | undefined> {
  const { tenant, employee } = await readAccount(table, actor.tenant.tenant, actor.employee.id);
  if (!tenant?.active || !employee?.active) return undefined;
  // A password set or a revocation in between ended the token that this call came with (M18).
  const { generation, tokensValidAfter } = actor.employee;
  if (employee.generation !== generation || employee.tokensValidAfter !== tokensValidAfter) return undefined;
  const roles = rolesOf(tenant, employee.roleIds);
  if (!hasRight(roles, right)) return undefined;
  return { ...actor, tenant, employee, roles, facts: { ...actor.facts, roles } };
}

export function nameTaken(tenant: TenantItem, role: Pick<RoleFacts, 'id' | 'name'>): boolean {
  return Object.values(tenant.roles).some(
    (other) => other.id !== role.id && foldName(other.name) === foldName(role.name),
  );
}

export const AUDITED_FIELDS = ['name', 'active', 'external', 'apiAccess', 'rights'] as const;

/** What every record of a changed role says. */
export function roleAudit(
  action: AuditAction,
  { actor, origin, now }: { readonly actor: BearerActor; readonly origin: Origin; readonly now: Date },
  roleId: number,
) {
  return {
    tenant: actor.tenant.tenant,
    at: now,
    action,
    outcome: 'done',
    actor: employeeActor(actor.employee),
    origin,
    subject: { kind: 'role', id: String(roleId) },
  } as const;
}
