import * as v from 'valibot';
import { flag, flagText, id, idParams, line, ofRole, rights } from './fields.ts';
import { idList, numberedPage, searchText, wordList } from './list-fields.ts';
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
    ...numberedPage(200),
    'Filter.Text': v.optional(searchText),
    'Filter.IsActive': v.optional(flagText),
    'Filter.IsExternal': v.optional(flagText),
  }),
  reply: v.array(role),
  paged: true,
  refusals: ['invalid_fields'],
});

export const createRole = defineRoute({
  method: 'POST',
  path: '/v2/admin/security/roles',
  operationId: 'createRole',
  etag: true,
  summary: 'Create a security role, with rights that the caller holds too; a company has at most 200',
  auth: 'bearer',
  right: { module: 'security', action: 'modify' },
  style: 'v2',
  body: {
    encodings: ['json'],
    schema: v.strictObject({
      name: line(50),
      isActive: v.optional(flag, true),
      isExternal: v.optional(flag, false),
      apiAccess: v.optional(flag, false),
      rights: v.optional(rights, {}),
    }),
  },
  reply: role,
  refusals: [
    'role_name_taken',
    'roles_exhausted',
    'beyond_own_rights',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const copyRole = defineRoute({
  method: 'POST',
  path: '/v2/admin/security/roles/{id}/copy',
  operationId: 'copyRole',
  etag: true,
  summary: 'Copy a security role under another name; the copy of a built-in role is not built in',
  auth: 'bearer',
  right: { module: 'security', action: 'modify' },
  style: 'v2',
  ...ofRole,
  body: { encodings: ['json'], schema: v.strictObject({ name: line(50) }) },
  reply: role,
  refusals: [
    'role_unknown',
    'role_name_taken',
    'roles_exhausted',
    'beyond_own_rights',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const getRole = defineRoute({
  method: 'GET',
  path: '/v2/admin/security/roles/{id}',
  operationId: 'getRole',
  etag: true,
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
  etag: true,
  conditional: true,
  summary:
    'Change a security role: state, kind, API Access, rights, and the name where it is not built in; Administrator stays as it is',
  auth: 'bearer',
  right: { module: 'security', action: 'modify' },
  style: 'v2',
  ...ofRole,
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
    'stale',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const deleteRole = defineRoute({
  method: 'DELETE',
  path: '/v2/admin/security/roles/{id}',
  operationId: 'deleteRole',
  conditional: true,
  summary: 'Delete a security role that nobody holds; built-in roles stay',
  auth: 'bearer',
  right: { module: 'security', action: 'delete' },
  style: 'v2',
  ...ofRole,
  reply: v.object({ id }),
  refusals: [
    'role_unknown',
    'system_role_stays',
    'role_in_use',
    'beyond_own_rights',
    'stale',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

/** The pickers of roles hold no more than names, and ask for no right: see docs/decisions. */
const picker = {
  auth: 'bearer',
  right: null,
  externalRight: { module: 'security', action: 'view' },
} as const;

export const lookUpRoles = defineRoute({
  ...picker,
  method: 'GET',
  path: '/v2/admin/security/roles/lookup',
  operationId: 'lookUpRoles',
  summary: 'Picker of security roles, by name',
  style: 'v2',
  query: v.strictObject({
    ...numberedPage(200),
    Name: v.optional(searchText),
    'Filter.Name': v.optional(searchText),
    'Filter.Ids': v.optional(idList),
    Exclude: v.optional(wordList),
  }),
  reply: v.array(
    v.object({ id, name: v.string(), isActive: v.boolean(), isSystem: v.boolean(), isExternal: v.boolean() }),
  ),
  paged: true,
  refusals: [],
});

export const lookUpSystemRoles = defineRoute({
  ...picker,
  method: 'GET',
  path: '/v2/system/roles/lookup',
  operationId: 'lookUpSystemRoles',
  summary: 'Picker of the active security roles, by name',
  style: 'v2',
  query: v.strictObject({
    ...numberedPage(200),
    'Filter.Name': v.optional(searchText),
    'Filter.Ids': v.optional(idList),
    Exclude: v.optional(wordList),
  }),
  /** `isDefault`: false throughout; no role is given unasked. */
  reply: v.array(v.object({ id, name: v.string(), isDefault: v.boolean() })),
  paged: true,
  refusals: [],
});

export const roleRoutes = [
  listRoles,
  createRole,
  getRole,
  updateRole,
  copyRole,
  deleteRole,
  lookUpRoles,
  lookUpSystemRoles,
];
