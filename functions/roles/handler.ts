import { bearerFunction } from '../../shared/http/bearer-function.ts';
import { roleRoutes } from '../../shared/routes/roles.ts';
import { getRoleEndpoint } from './get-role.ts';
import { listRolesEndpoint } from './list-roles.ts';
import { updateRoleEndpoint } from './update-role.ts';

export const handler = await bearerFunction(roleRoutes, (table) => [
  listRolesEndpoint(table),
  getRoleEndpoint(table),
  updateRoleEndpoint(table),
]);
