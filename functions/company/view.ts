import { licencesView } from '../../shared/http/licences-view.ts';
import { type LifetimeSettings, lifetimesOf } from '../../shared/rules/lifetimes.ts';
import { DEFAULT_QUOTA_PER_HOUR } from '../../shared/rules/quota.ts';
import { consumesLicence, USER_TYPES } from '../../shared/rules/user-types.ts';
import { employeeCount } from '../../shared/store/employee-list.ts';
import type { LicencesItem, TenantItem } from '../../shared/store/items.ts';

type Company = Pick<TenantItem, 'tenant' | 'company' | 'timeZone' | 'requireMfa' | 'quotaPerHour'> &
  LifetimeSettings;

export function companyView(company: Company, licences: LicencesItem) {
  return {
    tenant: company.tenant,
    company: company.company,
    timeZone: company.timeZone,
    requireMfaForNonSsoUsers: company.requireMfa,
    ...lifetimesOf(company),
    licences: {
      ...licencesView(licences),
      byType: USER_TYPES.map((userType) => {
        const active = employeeCount(licences, { userType, active: true });
        return { userType, active, licences: consumesLicence(userType, true) ? active : 0 };
      }),
    },
    quotaPerHour: company.quotaPerHour ?? DEFAULT_QUOTA_PER_HOUR,
  };
}
