import { bearerFunction } from '../../shared/http/bearer-function.ts';
import { employeeImportRoutes } from '../../shared/routes/employee-import.ts';
import { getImportEndpoint } from './get-import.ts';
import { importEmployeesEndpoint } from './import-employees.ts';

export const handler = await bearerFunction(employeeImportRoutes, (table) => [
  importEmployeesEndpoint(table),
  getImportEndpoint(table),
]);
