import { licencesView } from '../../shared/http/licences-view.ts';
import { employeeCount } from '../../shared/store/employee-list.ts';
import type { LicencesItem, TenantItem } from '../../shared/store/items.ts';

export function tenantSummary(tenant: TenantItem) {
  const { tenant: name, company, timeZone, active, createdOn } = tenant;
  return { tenant: name, company, timeZone, isActive: active, createdOn };
}

export function tenantView(tenant: TenantItem, licences: LicencesItem) {
  return {
    ...tenantSummary(tenant),
    requireMfaForNonSsoUsers: tenant.requireMfa,
    licences: licencesView(licences),
    employees: employeeCount(licences),
  };
}
