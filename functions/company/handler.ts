import { bearerFunction } from '../../shared/http/bearer-function.ts';
import { companyRoutes } from '../../shared/routes/company.ts';
import { getCompanyEndpoint } from './get-company.ts';
import { updateCompanyEndpoint } from './update-company.ts';

export const handler = await bearerFunction(companyRoutes, (table) => [
  getCompanyEndpoint(table),
  updateCompanyEndpoint(table),
]);
