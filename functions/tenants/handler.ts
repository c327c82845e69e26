import { readEnvironment } from '../../shared/config.ts';
import { httpFunction } from '../../shared/http/http-function.ts';
import { onceOnly } from '../../shared/http/idempotency.ts';
import { tenantRoutes } from '../../shared/routes/tenants.ts';
import { openTable } from '../../shared/store/table.ts';
import { createTenantEndpoint } from './create-tenant.ts';
import { deleteTenantEndpoint } from './delete-tenant.ts';
import { getTenantEndpoint } from './get-tenant.ts';
import { listTenantsEndpoint } from './list-tenants.ts';
import { auditOperatorRefusal } from './operator-audit.ts';
import { resumeTenantEndpoint, suspendTenantEndpoint } from './switch-tenant.ts';
import { updateTenantEndpoint } from './update-tenant.ts';

const table = openTable(readEnvironment(['TABLE_NAME']).TABLE_NAME);

export const handler = httpFunction({
  routes: tenantRoutes,
  endpoints: [
    createTenantEndpoint(table),
    listTenantsEndpoint(table),
    getTenantEndpoint(table),
    updateTenantEndpoint(table),
    suspendTenantEndpoint(table),
    resumeTenantEndpoint(table),
    deleteTenantEndpoint(table),
  ],
  operators: { table, onceOnly },
  onRefusal: auditOperatorRefusal(table),
});
