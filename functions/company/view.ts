import { licencesView } from '../../shared/http/licences-view.ts';
import type { LicencesItem, TenantItem } from '../../shared/store/items.ts';

type Company = Pick<TenantItem, 'tenant' | 'company' | 'timeZone' | 'requireMfa'>;

export function companyView(company: Company, licences: LicencesItem) {
  return {
    tenant: company.tenant,
    company: company.company,
    timeZone: company.timeZone,
    requireMfaForNonSsoUsers: company.requireMfa,
    licences: licencesView(licences),
  };
}
