import * as v from 'valibot';
import { flag, line, timeZone } from './fields.ts';
import { defineRoute } from './route.ts';

const quotaPerHour = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
  v.maxValue(1_000_000, 'must be at most 1000000'),
);

const company = v.object({
  /** The sign-in name of the company: fixed at creation. */
  tenant: v.string(),
  company: v.string(),
  timeZone: v.string(),
  requireMfaForNonSsoUsers: v.boolean(),
  /** Calls an hour for each account and endpoint. */
  quotaPerHour: v.number(),
  licences: v.object({ total: v.number(), used: v.number(), available: v.number() }),
});

export const getCompany = defineRoute({
  method: 'GET',
  path: '/v2/admin/mycompany',
  operationId: 'getCompany',
  summary: 'Admin > My Company: settings and licences',
  auth: 'bearer',
  right: { module: 'company', action: 'view' },
  style: 'v2',
  reply: company,
  refusals: [],
});

export const updateCompany = defineRoute({
  method: 'PATCH',
  path: '/v2/admin/mycompany',
  operationId: 'updateCompany',
  summary: 'Change the display name, the time zone Require MFA for non-SSO users, or the quota of calls',
  auth: 'bearer',
  right: { module: 'company', action: 'modify' },
  style: 'v2',
  body: {
    encodings: ['json'],
    schema: v.pipe(
      v.strictObject({
        company: v.optional(line(100)),
        timeZone: v.optional(timeZone),
        requireMfaForNonSsoUsers: v.optional(flag),
        quotaPerHour: v.optional(quotaPerHour),
      }),
      v.check((body) => Object.keys(body).length > 0, 'the body names no field to change'),
    ),
  },
  reply: company,
  refusals: ['changed_meanwhile', 'invalid_fields'],
});

export const companyRoutes = [getCompany, updateCompany];
