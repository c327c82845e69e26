import { systemClock } from '../../shared/clock.ts';
import type { OperatorActor } from '../../shared/http/call.ts';
import type { OnRefusal } from '../../shared/http/http-function.ts';
import { tenantSlug } from '../../shared/rules/names.ts';
import { type AuditAction, type AuditRecord, auditItem, type Origin } from '../../shared/store/audit.ts';
import { putItem, type Table } from '../../shared/store/table.ts';
import { readTenant } from '../../shared/store/tenants.ts';

/** The record of what an operator did to a company, in the company's own audit. */
export function operatorAudit(
  call: { readonly actor: OperatorActor; readonly origin: Origin; readonly now: Date },
  tenant: string,
  action: AuditAction,
  more: Partial<Pick<AuditRecord, 'outcome' | 'reason' | 'changes' | 'details'>> = {},
): AuditRecord {
  return {
    tenant,
    at: call.now,
    action,
    outcome: 'done',
    actor: { kind: 'operator', arn: call.actor.arn },
    origin: call.origin,
    subject: { kind: 'tenant', id: tenant },
    ...more,
  };
}

/** What was refused to an operator stands in the audit of the company that the path names, where there is one. */
export function auditOperatorRefusal(table: Table): OnRefusal {
  return async (refusal, route, actor, event, origin) => {
    const named = event.pathParameters?.tenant;
    if (route.method === 'GET' || actor.kind !== 'operator' || named === undefined) return;
    const { tenant } = await readTenant(table, tenantSlug(named));
    if (tenant === undefined) return;
    const call = { actor, origin, now: systemClock() };
    const record = operatorAudit(call, tenant.tenant, 'request.refused', {
      outcome: 'refused',
      reason: refusal.reason,
      details: { operation: route.operationId },
    });
    await putItem(table, auditItem(record));
  };
}
