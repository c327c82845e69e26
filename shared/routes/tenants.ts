import * as v from 'valibot';
import { emailAddress, id, line, page, time, timeZone, userName } from './fields.ts';
import { defineRoute } from './route.ts';

const tenant = v.object({
  /** The sign-in name of the company: fixed at creation. */
  tenant: v.string(),
  company: v.string(),
  timeZone: v.string(),
  isActive: v.boolean(),
  createdOn: time,
});

const tenantDetail = v.object({
  ...tenant.entries,
  requireMfaForNonSsoUsers: v.boolean(),
  licences: v.object({ total: v.number(), used: v.number(), available: v.number() }),
  employees: v.number(),
});

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
      licences: v.pipe(
        v.number('must be a number'),
        v.integer('must be a whole number'),
        v.minValue(1, 'must be at least 1: the first Administrator takes one'),
        v.maxValue(1_000_000, 'must be at most 1000000'),
      ),
      timeZone: v.optional(timeZone, 'UTC'),
      administrator: v.strictObject(
        { userName, firstName: line(64), lastName: line(64), emailAddress },
        'must be an object with userName, firstName, lastName and emailAddress',
      ),
    }),
  },
  reply: v.object({ ...tenantDetail.entries, administrator: v.object({ id, userName: v.string() }) }),
  refusals: ['company_taken', 'company_unusable', 'invalid_fields'],
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
  refusals: ['invalid_fields'],
});

export const getTenant = defineRoute({
  method: 'GET',
  path: '/v2/platform/tenants/{tenant}',
  operationId: 'getTenant',
  summary: 'One tenant with its licences',
  auth: 'operator',
  right: null,
  style: 'v2',
  params: v.strictObject({ tenant: line(64) }),
  reply: tenantDetail,
  refusals: ['tenant_unknown'],
});

export const tenantRoutes = [createTenant, listTenants, getTenant];
