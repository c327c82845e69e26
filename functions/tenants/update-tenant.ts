import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { updateTenant as route } from '../../shared/routes/tenants.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { tenantSlug } from '../../shared/rules/names.ts';
import { maySetLicences } from '../../shared/rules/tenants.ts';
import type { Table } from '../../shared/store/table.ts';
import { changeLicences } from '../../shared/store/tenant-states.ts';
import { readTenant } from '../../shared/store/tenants.ts';
import { operatorAudit } from './operator-audit.ts';
import { tenantView } from './view.ts';

/** Employees that come and go meanwhile change the count in use: it is looked at anew. */
const ROUNDS = 4;

export const updateTenantEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    let outcome = await changeOnce(table, call);
    for (let round = 1; round < ROUNDS; round += 1) {
      if (outcome.ok || outcome.refusal.reason !== 'changed_meanwhile') break;
      outcome = await changeOnce(table, call);
    }
    return outcome;
  });

async function changeOnce(table: Table, call: Call<typeof route>): Promise<Outcome<typeof route>> {
  const total = call.body.licences;
  const { tenant, licences } = await readTenant(table, tenantSlug(call.params.tenant));
  if (tenant === undefined || licences === undefined) return refused({ reason: 'tenant_unknown' });
  const decision = maySetLicences(tenant, licences, total);
  if (!decision.ok) return decision;
  const audit = operatorAudit(call, tenant.tenant, 'tenant.licences', {
    changes: { licences: { before: licences.total, after: total } },
  });
  const [conflict] = await changeLicences(table, tenant.tenant, licences, total, audit);
  return conflict === undefined
    ? granted({ result: tenantView(tenant, { ...licences, total }) })
    : refused({ reason: conflict });
}
