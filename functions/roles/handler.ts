import { bearerFunction } from '../../shared/http/bearer-function.ts';
import { roleRoutes } from '../../shared/routes/roles.ts';
import { copyRoleEndpoint } from './copy-role.ts';
import { createRoleEndpoint } from './create-role.ts';
import { deleteRoleEndpoint } from './delete-role.ts';
import { getRoleEndpoint } from './get-role.ts';
import { listRolesEndpoint } from './list-roles.ts';
import { lookUpRolesEndpoint, lookUpSystemRolesEndpoint } from './look-up-roles.ts';
import { updateRoleEndpoint } from './update-role.ts';

export const handler = await bearerFunction(roleRoutes, (table) => [
  listRolesEndpoint(table),
  createRoleEndpoint(table),
  getRoleEndpoint(table),
  updateRoleEndpoint(table),
  copyRoleEndpoint(table),
  deleteRoleEndpoint(table),
  lookUpRolesEndpoint(),
  lookUpSystemRolesEndpoint(),
]);
