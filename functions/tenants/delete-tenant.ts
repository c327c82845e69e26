import { endpoint } from '../../shared/http/call.ts';
import { deleteTenant as route } from '../../shared/routes/tenants.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { tenantSlug } from '../../shared/rules/names.ts';
import { mayDeleteTenant } from '../../shared/rules/tenants.ts';
import type { Table } from '../../shared/store/table.ts';
import { beginRemoval, finishRemoval, removeItems } from '../../shared/store/tenant-removal.ts';
import { readTenant } from '../../shared/store/tenants.ts';
import { operatorAudit } from './operator-audit.ts';

/** Some 1,900 items a call: well within the time that API Gateway waits. */
const BATCHES_A_CALL = 100;

/** Removes a part and says whether it was the last: to be called until it is. The audit stays. */
export const deleteTenantEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    const { tenant } = await readTenant(table, tenantSlug(call.params.tenant));
    if (tenant === undefined) return refused({ reason: 'tenant_unknown' });
    const decision = mayDeleteTenant(tenant, call.query.Confirm);
    if (!decision.ok) return decision;
    const name = tenant.tenant;
    if (tenant.deletingOn === undefined) {
      const begun = operatorAudit(call, name, 'tenant.delete', { details: { step: 'begun' } });
      const [conflict] = await beginRemoval(table, tenant, begun);
      if (conflict !== undefined) return refused({ reason: conflict });
    }
    const { removed, left } = await removeItems(table, name, BATCHES_A_CALL, call.now);
    if (left) return granted({ result: { tenant: name, done: false, removedItems: removed } });
    const done = operatorAudit(call, name, 'tenant.delete', { details: { step: 'done' } });
    const [conflict] = await finishRemoval(table, name, done);
    if (conflict !== undefined) return refused({ reason: conflict });
    return granted({ result: { tenant: name, done: true, removedItems: removed } });
  });
