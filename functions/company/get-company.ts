import { endpoint } from '../../shared/http/call.ts';
import { getCompany as route } from '../../shared/routes/company.ts';
import { granted } from '../../shared/rules/decision.ts';
import { readLicences } from '../../shared/store/employees.ts';
import type { Table } from '../../shared/store/table.ts';
import { companyView } from './view.ts';

export const getCompanyEndpoint = (table: Table) =>
  endpoint(route, async ({ actor }) =>
    granted({
      result: companyView(actor.tenant, await readLicences(table, actor.tenant.tenant)),
      version: actor.tenant.version,
    }),
  );
