import { endpoint } from '../../shared/http/call.ts';
import { getTenant as route } from '../../shared/routes/tenants.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { tenantSlug } from '../../shared/rules/names.ts';
import type { Table } from '../../shared/store/table.ts';
import { readTenant } from '../../shared/store/tenants.ts';
import { tenantView } from './view.ts';

export const getTenantEndpoint = (table: Table) =>
  endpoint(route, async ({ params }) => {
    const { tenant, licences } = await readTenant(table, tenantSlug(params.tenant));
    return tenant === undefined || licences === undefined
      ? refused({ reason: 'tenant_unknown' })
      : granted({ result: tenantView(tenant, licences) });
  });
