import * as v from 'valibot';
import { emailAddress, id, line, page, time, timeZone, userName } from './fields.ts';
import { defineRoute } from './route.ts';

const tenant = v.object({
  /** The sign-in name of the company: fixed at creation. */
  tenant: v.string(),
  company: v.string(),
  timeZone: v.string(),
  /** False while it is suspended. */
  isActive: v.boolean(),
  /** Its removal began: there is no way back. */
  isBeingDeleted: v.boolean(),
  createdOn: time,
});

const tenantDetail = v.object({
  ...tenant.entries,
  requireMfaForNonSsoUsers: v.boolean(),
  licences: v.object({ total: v.number(), used: v.number(), available: v.number() }),
  employees: v.number(),
});

const licences = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1: the first Administrator takes one'),
  v.maxValue(1_000_000, 'must be at most 1000000'),
);

const tenantParams = v.strictObject({ tenant: line(64) });

export const createTenant = defineRoute({
  method: 'POST',
  path: '/v2/platform/tenants',
  operationId: 'createTenant',
  summary: 'Create a tenant with its built-in roles and its first Administrator, who is mailed a set-up link',
  auth: 'operator',
  right: null,
  style: 'v2',
  body: {
    encodings: ['json'],
    schema: v.strictObject({
      company: line(100),
      tenant: v.optional(line(64)),
      licences,
      timeZone: v.optional(timeZone, 'UTC'),
      administrator: v.strictObject(
        { userName, firstName: line(64), lastName: line(64), emailAddress },
        'must be an object with userName, firstName, lastName and emailAddress',
      ),
    }),
  },
  reply: v.object({ ...tenantDetail.entries, administrator: v.object({ id, userName: v.string() }) }),
  refusals: ['company_taken', 'company_unusable', 'changed_meanwhile', 'invalid_fields'],
});

export const listTenants = defineRoute({
  method: 'GET',
  path: '/v2/platform/tenants',
  operationId: 'listTenants',
  summary: 'All tenants of the deployment, by sign-in name',
  auth: 'operator',
  right: null,
  style: 'v2',
  query: v.strictObject({ PageSize: page.PageSize, Cursor: page.Cursor }),
  reply: v.array(tenant),
  refusals: ['invalid_fields', 'cursor_unusable'],
});

export const getTenant = defineRoute({
  method: 'GET',
  path: '/v2/platform/tenants/{tenant}',
  operationId: 'getTenant',
  summary: 'One tenant with its licences',
  auth: 'operator',
  right: null,
  style: 'v2',
  params: tenantParams,
  reply: tenantDetail,
  refusals: ['tenant_unknown'],
});

export const updateTenant = defineRoute({
  method: 'PATCH',
  path: '/v2/platform/tenants/{tenant}',
  operationId: 'updateTenant',
  summary: 'Change the licence count of a tenant; below the count in use is refused with the figures',
  auth: 'operator',
  right: null,
  style: 'v2',
  params: tenantParams,
  body: { encodings: ['json'], schema: v.strictObject({ licences }) },
  reply: tenantDetail,
  refusals: [
    'tenant_unknown',
    'licences_below_use',
    'tenant_being_deleted',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const suspendTenant = defineRoute({
  method: 'POST',
  path: '/v2/platform/tenants/{tenant}/suspend',
  operationId: 'suspendTenant',
  summary: 'Suspend a tenant: its tokens are dead on the next call, and nobody of it signs in',
  auth: 'operator',
  right: null,
  style: 'v2',
  params: tenantParams,
  reply: tenantDetail,
  refusals: ['tenant_unknown', 'tenant_being_deleted', 'changed_meanwhile'],
});

export const resumeTenant = defineRoute({
  method: 'POST',
  path: '/v2/platform/tenants/{tenant}/resume',
  operationId: 'resumeTenant',
  summary: 'Resume a suspended tenant: its accounts sign in again; tokens of before stay dead',
  auth: 'operator',
  right: null,
  style: 'v2',
  params: tenantParams,
  reply: tenantDetail,
  refusals: ['tenant_unknown', 'tenant_being_deleted', 'changed_meanwhile'],
});

export const deleteTenant = defineRoute({
  method: 'DELETE',
  path: '/v2/platform/tenants/{tenant}',
  operationId: 'deleteTenant',
  summary: 'Delete a suspended tenant, part by part: repeat until done is true; its audit stays',
  auth: 'operator',
  right: null,
  style: 'v2',
  params: tenantParams,
  /** The sign-in name once more, letter by letter. */
  query: v.strictObject({ Confirm: v.pipe(v.string('must be given once'), v.maxLength(64, 'is too long')) }),
  reply: v.object({ tenant: v.string(), done: v.boolean(), removedItems: v.number() }),
  refusals: [
    'tenant_unknown',
    'tenant_not_suspended',
    'tenant_name_not_repeated',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const tenantRoutes = [
  createTenant,
  listTenants,
  getTenant,
  updateTenant,
  suspendTenant,
  resumeTenant,
  deleteTenant,
];
