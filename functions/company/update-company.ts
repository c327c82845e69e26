import { endpoint } from '../../shared/http/call.ts';
import { parseIfMatch } from '../../shared/http/etag.ts';
import { updateCompany as route } from '../../shared/routes/company.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { changesBetween, employeeActor } from '../../shared/store/audit.ts';
import { readLicences } from '../../shared/store/employees.ts';
import type { Table } from '../../shared/store/table.ts';
import {
  COMPANY_SETTINGS,
  type CompanySettings,
  changeCompany,
  readTenant,
} from '../../shared/store/tenants.ts';
import { companyView } from './view.ts';

/** *Require MFA for non-SSO users* (M2) and the like; it bites on the next call (M18). */
export const updateCompanyEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, body, headers, origin, now }) => {
    const expected = parseIfMatch(headers['if-match']);
    if (!expected.ok) return expected;
    const before = actor.tenant;
    if (!expected.value(before.version)) return refused({ reason: 'stale' });
    const after = {
      company: body.company ?? before.company,
      timeZone: body.timeZone ?? before.timeZone,
      requireMfa: body.requireMfaForNonSsoUsers ?? before.requireMfa,
      accessTokenMinutes: body.accessTokenMinutes ?? before.accessTokenMinutes,
      refreshTokenDays: body.refreshTokenDays ?? before.refreshTokenDays,
      ownerLinkMinutes: body.ownerLinkMinutes ?? before.ownerLinkMinutes,
      adminLinkHours: body.adminLinkHours ?? before.adminLinkHours,
      quotaPerHour: body.quotaPerHour ?? before.quotaPerHour,
    };
    const changes = changesBetween<CompanySettings>(before, after, COMPANY_SETTINGS);
    if (Object.keys(changes).length === 0) {
      // Already so: nothing to write, and nothing to tell the audit.
      const licences = await readLicences(table, before.tenant);
      return granted({ result: companyView(before, licences), version: before.version });
    }
    const [conflict] = await changeCompany(table, before, after, {
      tenant: before.tenant,
      at: now,
      action: 'company.update',
      outcome: 'done',
      actor: employeeActor(actor.employee),
      origin,
      subject: { kind: 'company', id: before.tenant },
      changes,
    });
    if (conflict !== undefined) {
      const { tenant: latest } = await readTenant(table, before.tenant);
      return refused({ reason: latest === undefined || expected.value(latest.version) ? conflict : 'stale' });
    }
    const licences = await readLicences(table, before.tenant);
    const result = companyView({ tenant: before.tenant, ...after }, licences);
    return granted({ result, version: before.version + 1 });
  });
