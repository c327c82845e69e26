import * as v from 'valibot';
import { TOKEN_CONDITIONS } from '../rules/token-check.ts';
import { employee } from './employee-reply.ts';
import { id, idParams, ofEmployee, time } from './fields.ts';
import { defineRoute } from './route.ts';

/** What becomes of an account besides its edits: its state, its end, its tokens. */

export const deleteEmployee = defineRoute({
  method: 'DELETE',
  path: '/v2/hr/employees/{id}',
  operationId: 'deleteEmployee',
  summary: 'Delete an employee for good: its user name and its licence are free again',
  auth: 'bearer',
  right: { module: 'hr', action: 'delete' },
  style: 'v2',
  ...ofEmployee,
  conditional: true,
  reply: v.object({ id }),
  refusals: [
    'employee_unknown',
    'last_administrator',
    'beyond_own_rights',
    'stale',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const activateEmployee = defineRoute({
  method: 'POST',
  path: '/v2/hr/employees/{id}/activate',
  operationId: 'activateEmployee',
  etag: true,
  summary: 'Activate an employee; one licence is taken, except by API employees',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  ...ofEmployee,
  conditional: true,
  reply: employee,
  refusals: [
    'employee_unknown',
    'licences_exhausted',
    'external_role_on_internal_user',
    'last_administrator',
    'beyond_own_rights',
    'stale',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const deactivateEmployee = defineRoute({
  ...activateEmployee,
  path: '/v2/hr/employees/{id}/deactivate',
  operationId: 'deactivateEmployee',
  summary: 'Deactivate an employee: every token is dead on the next call, its licence is free again',
});

export const revokeTokens = defineRoute({
  method: 'POST',
  path: '/v2/hr/employees/{id}/revoke',
  operationId: 'revokeTokens',
  etag: true,
  summary: 'End every token of an employee from the next call on; the password stays',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  ...ofEmployee,
  conditional: true,
  reply: v.object({ id, revokedUntil: time }),
  refusals: ['employee_unknown', 'beyond_own_rights', 'stale', 'changed_meanwhile', 'invalid_fields'],
});

export const tokenCheck = defineRoute({
  method: 'GET',
  path: '/v2/hr/employees/{id}/tokencheck',
  operationId: 'tokenCheck',
  summary: 'Why an employee can, or cannot, get a token right now: each condition, and what to do',
  auth: 'bearer',
  right: { module: 'hr', action: 'view' },
  style: 'v2',
  params: idParams,
  reply: v.object({
    id,
    canGetToken: v.boolean(),
    conditions: v.array(
      v.object({
        condition: v.picklist(TOKEN_CONDITIONS),
        passed: v.boolean(),
        blocking: v.boolean(),
        toDo: v.nullable(v.string()),
      }),
    ),
  }),
  refusals: ['employee_unknown', 'beyond_own_rights'],
});

export const employeeStateRoutes = [
  deleteEmployee,
  activateEmployee,
  deactivateEmployee,
  revokeTokens,
  tokenCheck,
];
