import { bearerFunction } from '../../shared/http/bearer-function.ts';
import { employeeRoutes } from '../../shared/routes/employees.ts';
import { createEmployeeEndpoint } from './create-employee.ts';
import { deleteEmployeeEndpoint } from './delete-employee.ts';
import { getEmployeeEndpoint } from './get-employee.ts';
import { getThrottleEndpoint } from './get-throttle.ts';
import { liftThrottleEndpoint } from './lift-throttle.ts';
import { listEmployeesEndpoint } from './list-employees.ts';
import { resetInstructionsEndpoint } from './reset-instructions.ts';
import { revokeTokensEndpoint } from './revoke-tokens.ts';
import { activateEmployeeEndpoint, deactivateEmployeeEndpoint } from './set-active.ts';
import { tokenCheckEndpoint } from './token-check.ts';
import { updateEmployeeEndpoint } from './update-employee.ts';

export const handler = await bearerFunction(employeeRoutes, (table) => [
  createEmployeeEndpoint(table),
  listEmployeesEndpoint(table),
  getEmployeeEndpoint(table),
  updateEmployeeEndpoint(table),
  resetInstructionsEndpoint(table),
  deleteEmployeeEndpoint(table),
  activateEmployeeEndpoint(table),
  deactivateEmployeeEndpoint(table),
  revokeTokensEndpoint(table),
  tokenCheckEndpoint(table),
  getThrottleEndpoint(table),
  liftThrottleEndpoint(table),
]);
