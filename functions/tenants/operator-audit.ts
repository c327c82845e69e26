import type { OperatorActor } from '../../shared/http/call.ts';
import type { AuditAction, AuditRecord, Origin } from '../../shared/store/audit.ts';

/** The record of what an operator did to a company, in the company's own audit. */
export function operatorAudit(
  call: { readonly actor: OperatorActor; readonly origin: Origin; readonly now: Date },
  tenant: string,
  action: AuditAction,
  more: Pick<AuditRecord, 'changes' | 'details'> = {},
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
