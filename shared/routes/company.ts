import * as v from 'valibot';
import { type Bounds, LIFETIMES } from '../rules/lifetimes.ts';
import { LEAST_QUOTA_PER_HOUR } from '../rules/quota.ts';
import { USER_TYPES } from '../rules/user-types.ts';
import { flag, line, timeZone } from './fields.ts';
import { defineRoute } from './route.ts';

const within = ({ minimum, maximum }: Pick<Bounds, 'minimum' | 'maximum'>) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(minimum, `must be at least ${minimum}`),
    v.maxValue(maximum, `must be at most ${maximum}`),
  );
const quotaPerHour = within({ minimum: LEAST_QUOTA_PER_HOUR, maximum: 1_000_000 });

const company = v.object({
  /** The sign-in name of the company: fixed at creation. */
  tenant: v.string(),
  company: v.string(),
  timeZone: v.string(),
  requireMfaForNonSsoUsers: v.boolean(),
  /** Lifetimes of access tokens and of sign-ins that are refreshed. */
  accessTokenMinutes: v.number(),
  refreshTokenDays: v.number(),
  /** Lifetimes of mailed links: asked for by the owner, sent by an admin. */
  ownerLinkMinutes: v.number(),
  adminLinkHours: v.number(),
  /** Calls an hour for each account and endpoint. */
  quotaPerHour: v.number(),
  licences: v.object({
    total: v.number(),
    used: v.number(),
    available: v.number(),
    /** Active employees of each type, and the licences that they take: API Employees take none (M10). */
    byType: v.array(v.object({ userType: v.picklist(USER_TYPES), active: v.number(), licences: v.number() })),
  }),
});

export const getCompany = defineRoute({
  method: 'GET',
  path: '/v2/admin/mycompany',
  operationId: 'getCompany',
  etag: true,
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
  etag: true,
  conditional: true,
  summary:
    'Change the display name, the time zone, Require MFA for non-SSO users, or lifetimes of tokens and links, or the quota of calls',
  auth: 'bearer',
  right: { module: 'company', action: 'modify' },
  style: 'v2',
  subject: { kind: 'company' },
  body: {
    encodings: ['json'],
    schema: v.pipe(
      v.strictObject({
        company: v.optional(line(100)),
        timeZone: v.optional(timeZone),
        requireMfaForNonSsoUsers: v.optional(flag),
        accessTokenMinutes: v.optional(within(LIFETIMES.accessTokenMinutes)),
        refreshTokenDays: v.optional(within(LIFETIMES.refreshTokenDays)),
        ownerLinkMinutes: v.optional(within(LIFETIMES.ownerLinkMinutes)),
        adminLinkHours: v.optional(within(LIFETIMES.adminLinkHours)),
        quotaPerHour: v.optional(quotaPerHour),
      }),
      v.check((body) => Object.keys(body).length > 0, 'the body names no field to change'),
    ),
  },
  reply: company,
  refusals: ['stale', 'changed_meanwhile', 'invalid_fields'],
});

export const companyRoutes = [getCompany, updateCompany];
