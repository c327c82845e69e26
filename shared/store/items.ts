import * as v from 'valibot';
import { ACTIONS, type Module } from '../rules/rights.ts';
import { USER_TYPES } from '../rules/user-types.ts';
import { unpackRoles } from './role-digest.ts';

/**
 * Items of the table that many read; the schema of every other item stands in the file that writes it. Items are parsed
 * by their schemas on every read.
 */

/** Of a mail that is owed: when and how often it was put into the stream once more. */
export const wakeFields = { wokenOn: v.optional(v.string()), wakes: v.optional(v.number()) };

/** `schema` is the version of the shape: docs/data-model.md says how one is changed. */
export const commonFields = { schema: v.literal(1) };
/** Epoch seconds. Times in fields whose names end in `On` are ISO 8601 in UTC instead. */
export const epochTime = v.number();

const actions = v.optional(v.pipe(v.array(v.picklist(ACTIONS)), v.readonly()));
const rights = v.object({
  hr: actions,
  security: actions,
  company: actions,
  audit: actions,
} satisfies Record<Module, unknown>);

const roleFacts = v.object({
  id: v.number(),
  name: v.string(),
  active: v.boolean(),
  external: v.boolean(),
  system: v.boolean(),
  administrator: v.boolean(),
  apiAccess: v.boolean(),
  rights,
});

export const tenantItem = v.object({
  ...commonFields,
  type: v.literal('tenant'),
  tenant: v.string(),
  company: v.string(),
  timeZone: v.string(),
  active: v.boolean(),
  requireMfa: v.boolean(),
  /** Lifetimes that the company set; one that is absent is standard (shared/rules/lifetimes.ts). */
  accessTokenMinutes: v.optional(v.number()),
  refreshTokenDays: v.optional(v.number()),
  ownerLinkMinutes: v.optional(v.number()),
  adminLinkHours: v.optional(v.number()),
  /** Tokens of sign-ins up to and including this second are dead: the last suspension. */
  tokensValidAfter: v.optional(epochTime),
  /** Set when its removal began: there is no way back. */
  deletingOn: v.optional(v.string()),
  /** Calls an hour for each account and endpoint; absent: the default of rules/quota.ts. */
  quotaPerHour: v.optional(v.number()),
  activeAdministrators: v.number(),
  /** What each role means for security, so that one read decides every call. Keyed by role id. */
  roles: v.pipe(v.record(v.string(), v.string()), v.transform(unpackRoles)),
  rolesVersion: v.number(),
  /** Key of the hashes that stand in the audit for user names which do not exist. */
  auditKey: v.string(),
  version: v.number(),
  createdOn: v.string(),
});
export type TenantItem = v.InferOutput<typeof tenantItem>;

/** `total` and `used` licences (M10), and one counter of employees for each type and state. */
export const licencesItem = v.looseObject({
  ...commonFields,
  type: v.literal('licences'),
  total: v.number(),
  used: v.number(),
  /** Set when the removal of the company began: nobody is counted any more. */
  closed: v.optional(v.boolean()),
});
export type LicencesItem = v.InferOutput<typeof licencesItem>;

/** What sign-in needs, kept equal to the employee's by every transaction that changes it. */
const signInFields = {
  userType: v.picklist(USER_TYPES),
  active: v.boolean(),
  sso: v.boolean(),
  roleIds: v.array(v.number()),
  /** The Cognito user that holds the password is `<tenant>.<id>.<generation>`; absent before one is set. */
  generation: v.optional(v.string()),
  /** Tokens of sign-ins up to and including this second are dead (M18). */
  tokensValidAfter: epochTime,
  /** Since when the person has a second factor; the user pool has the last word on it. */
  secondFactorOn: v.optional(v.string()),
  /** A recovery code was used: the factor is to be set up again, whatever the company's setting. */
  mustEnrol: v.optional(v.boolean()),
};

export const employeeItem = v.object({
  ...commonFields,
  ...signInFields,
  type: v.literal('employee'),
  tenant: v.string(),
  id: v.number(),
  userName: v.string(),
  firstName: v.string(),
  lastName: v.string(),
  emailAddress: v.optional(v.string()),
  employeeNumber: v.optional(v.string()),
  jobTitle: v.optional(v.string()),
  department: v.optional(v.string()),
  location: v.optional(v.string()),
  timeZone: v.optional(v.string()),
  notes: v.optional(v.string()),
  /** The newest link; an older one is void (S2). */
  resetId: v.optional(v.string()),
  instructionsState: v.picklist(['none', 'pending', 'sent', 'dropped', 'bounced']),
  instructionsOn: v.optional(v.string()),
  /** What became of mail to the present address, where that was bad; gone with the address, or when sent anew. */
  mailProblem: v.optional(v.picklist(['bounced', 'complained_of'])),
  createdOn: v.string(),
  modifiedOn: v.string(),
  /** Raised by whatever people change of the account; its ETag. */
  version: v.number(),
});
export type EmployeeItem = v.InferOutput<typeof employeeItem>;

/**
 * What becomes of the mails to an account. It moves by itself while people edit the rest: it raises no `version`, and
 * no edit writes back what it read of it.
 */
export const MAIL_FIELDS = [
  'resetId',
  'instructionsState',
  'instructionsOn',
  'mailProblem',
] as const satisfies readonly (keyof EmployeeItem)[];

/** What lists show, filter by and sort by; an index projects no more than 20. */
export const LISTED_EMPLOYEE_FIELDS = [
  'id',
  'userName',
  'firstName',
  'lastName',
  'emailAddress',
  'userType',
  'active',
  'sso',
  'employeeNumber',
  'jobTitle',
  'department',
  'location',
  'roleIds',
  'createdOn',
  'modifiedOn',
] as const satisfies readonly (keyof EmployeeItem)[];
/** What the pickers show and look in, and no more. */
export const LISTED_PERSON_FIELDS = [
  'id',
  'userName',
  'firstName',
  'lastName',
  'emailAddress',
  'userType',
  'active',
  'jobTitle',
  'department',
] as const satisfies readonly (keyof EmployeeItem)[];
/** A person as the index of people has it. */
export const listedPerson = v.pick(employeeItem, LISTED_PERSON_FIELDS);
export type ListedPerson = v.InferOutput<typeof listedPerson>;
/** An employee as the index by name has it. */
export const listedEmployee = v.pick(employeeItem, LISTED_EMPLOYEE_FIELDS);
export type ListedEmployee = v.InferOutput<typeof listedEmployee>;

export const loginItem = v.object({
  ...commonFields,
  ...signInFields,
  type: v.literal('login'),
  tenant: v.string(),
  employeeId: v.number(),
});
export type LoginItem = v.InferOutput<typeof loginItem>;

export const roleItem = v.object({
  ...commonFields,
  ...roleFacts.entries,
  type: v.literal('role'),
  tenant: v.string(),
  internalHolders: v.number(),
  externalHolders: v.number(),
  /** Raised by each edit of the role, not by who gains or loses it; its ETag. */
  version: v.number(),
});
export type RoleItem = v.InferOutput<typeof roleItem>;
