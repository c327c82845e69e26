import { licencesView } from '../../shared/http/licences-view.ts';
import { DEFAULT_QUOTA_PER_HOUR } from '../../shared/rules/quota.ts';
import type { LicencesItem, TenantItem } from '../../shared/store/items.ts';

type Company = Pick<TenantItem, 'tenant' | 'company' | 'timeZone' | 'requireMfa' | 'quotaPerHour'>;

export function companyView(company: Company, licences: LicencesItem) {
  return {
    tenant: company.tenant,
    company: company.company,
    timeZone: company.timeZone,
    requireMfaForNonSsoUsers: company.requireMfa,
    quotaPerHour: company.quotaPerHour ?? DEFAULT_QUOTA_PER_HOUR,
    licences: licencesView(licences),
  };
}
