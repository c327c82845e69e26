import { bearerFunction } from '../../shared/http/bearer-function.ts';
import { lookupRoutes } from '../../shared/routes/lookups.ts';
import { countAssigneesEndpoint } from './count-assignees.ts';
import { listAssigneeRolesEndpoint } from './list-assignee-roles.ts';
import { listAssigneesEndpoint } from './list-assignees.ts';
import { lookUpAssigneesEndpoint } from './look-up-assignees.ts';
import { lookUpEmployeesEndpoint } from './look-up-employees.ts';
import { lookUpDepartmentsEndpoint, lookUpJobTitlesEndpoint } from './look-up-values.ts';
import { searchEmployeesEndpoint } from './search-employees.ts';

export const handler = await bearerFunction(lookupRoutes, (table) => [
  lookUpEmployeesEndpoint(table),
  searchEmployeesEndpoint(table),
  listAssigneesEndpoint(table),
  lookUpAssigneesEndpoint(table),
  countAssigneesEndpoint(table),
  listAssigneeRolesEndpoint(table),
  lookUpDepartmentsEndpoint(table),
  lookUpJobTitlesEndpoint(table),
]);
