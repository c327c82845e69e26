import * as v from 'valibot';
import { flag, id, idParams, integerText, line, rights } from './fields.ts';
import { defineRoute } from './route.ts';

const role = v.object({
  id,
  name: v.string(),
  isActive: v.boolean(),
  isSystem: v.boolean(),
  isExternal: v.boolean(),
  /** Administrator is always true (M15). */
  apiAccess: v.boolean(),
  rights: v.record(v.string(), v.array(v.string())),
  internalHolders: v.number(),
  externalHolders: v.number(),
});

export const listRoles = defineRoute({
  method: 'GET',
  path: '/v2/admin/security/roles',
  operationId: 'listRoles',
  summary: 'Admin > Security > Roles: the security roles of the company, by name',
  auth: 'bearer',
  right: { module: 'security', action: 'view' },
  style: 'v2',
  query: v.strictObject({
    PageSize: v.optional(integerText(1, 200)),
    PageNumber: v.optional(integerText(1, 1_000_000)),
  }),
  reply: v.array(role),
  paged: true,
  refusals: ['invalid_fields'],
});

export const getRole = defineRoute({
  method: 'GET',
  path: '/v2/admin/security/roles/{id}',
  operationId: 'getRole',
  summary: 'One security role',
  auth: 'bearer',
  right: { module: 'security', action: 'view' },
  style: 'v2',
  params: idParams,
  reply: role,
  refusals: ['role_unknown'],
});

export const updateRole = defineRoute({
  method: 'PATCH',
  path: '/v2/admin/security/roles/{id}',
  operationId: 'updateRole',
  summary: 'Change a security role: API Access, rights, and for roles that are not built in name and kind',
  auth: 'bearer',
  right: { module: 'security', action: 'modify' },
  style: 'v2',
  params: idParams,
  body: {
    encodings: ['json'],
    schema: v.pipe(
      v.strictObject({
        name: v.optional(line(50)),
        isActive: v.optional(flag),
        isExternal: v.optional(flag),
        apiAccess: v.optional(flag),
        rights: v.optional(rights),
      }),
      v.check((body) => Object.keys(body).length > 0, 'the body names no field to change'),
    ),
  },
  reply: role,
  refusals: [
    'role_unknown',
    'role_name_taken',
    'system_role_fixed',
    'administrator_fixed',
    'role_held_by_internal_users',
    'beyond_own_rights',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const roleRoutes = [listRoles, getRole, updateRole];
