import { licencesView } from '../../shared/http/licences-view.ts';
import { employeeCount } from '../../shared/store/employee-list.ts';
import type { LicencesItem, TenantItem } from '../../shared/store/items.ts';

export function tenantSummary(tenant: TenantItem) {
  const { tenant: name, company, timeZone, active, deletingOn, createdOn } = tenant;
  const isBeingDeleted = deletingOn !== undefined;
  return { tenant: name, company, timeZone, isActive: active, isBeingDeleted, createdOn };
}

export function tenantView(tenant: TenantItem, licences: LicencesItem) {
  return {
    ...tenantSummary(tenant),
    requireMfaForNonSsoUsers: tenant.requireMfa,
    licences: licencesView(licences),
    employees: employeeCount(licences),
  };
}
