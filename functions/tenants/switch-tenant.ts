import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { resumeTenant, suspendTenant } from '../../shared/routes/tenants.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { tenantSlug } from '../../shared/rules/names.ts';
import { maySwitchTenant } from '../../shared/rules/tenants.ts';
import type { Table } from '../../shared/store/table.ts';
import { switchTenant } from '../../shared/store/tenant-states.ts';
import { readTenant } from '../../shared/store/tenants.ts';
import { operatorAudit } from './operator-audit.ts';
import { tenantView } from './view.ts';

type SwitchRoute = typeof suspendTenant | typeof resumeTenant;

/** Every token is dead on the next call, and sign-in is refused after the right password (M18). */
export const suspendTenantEndpoint = (table: Table) =>
  endpoint(suspendTenant, (call) => switchTo(table, call, false));

/** Accounts sign in again; tokens of before the suspension stay dead. */
export const resumeTenantEndpoint = (table: Table) =>
  endpoint(resumeTenant, (call) => switchTo(table, call, true));

async function switchTo(
  table: Table,
  call: Call<SwitchRoute>,
  active: boolean,
): Promise<Outcome<SwitchRoute>> {
  const { tenant, licences } = await readTenant(table, tenantSlug(call.params.tenant));
  if (tenant === undefined || licences === undefined) return refused({ reason: 'tenant_unknown' });
  const decision = maySwitchTenant(tenant);
  if (!decision.ok) return decision;
  // Asked twice it is done once: a client that lost the answer may ask again.
  if (tenant.active === active) return granted({ result: tenantView(tenant, licences) });
  const audit = operatorAudit(call, tenant.tenant, active ? 'tenant.resume' : 'tenant.suspend');
  const answer = { result: tenantView({ ...tenant, active }, licences) };
  const [conflict] = await switchTenant(table, tenant, active, audit, call.keep(answer));
  return conflict === undefined ? granted(answer) : refused({ reason: conflict });
}
