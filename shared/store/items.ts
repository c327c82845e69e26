import * as v from 'valibot';
import { ACTIONS, type Module } from '../rules/rights.ts';
import { USER_TYPES } from '../rules/user-types.ts';

/**
 * The items of the table, parsed by these schemas on every read. `schema` is the version of the shape:
 * docs/data-model.md says how one is changed. Times are epoch seconds, or ISO 8601 in UTC where named `…On`.
 */
const item = { schema: v.literal(1) };
const seconds = v.number();

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
  ...item,
  type: v.literal('tenant'),
  tenant: v.string(),
  company: v.string(),
  timeZone: v.string(),
  active: v.boolean(),
  requireMfa: v.boolean(),
  activeAdministrators: v.number(),
  /** What each role means for security, so that one read decides every call. Keyed by role id. */
  roles: v.record(v.string(), roleFacts),
  rolesVersion: v.number(),
  /** Key of the hashes that stand in the audit for user names which do not exist. */
  auditKey: v.string(),
  version: v.number(),
  createdOn: v.string(),
});
export type TenantItem = v.InferOutput<typeof tenantItem>;

/** `total` and `used` licences (M10), and one counter of employees for each type and state. */
export const licencesItem = v.objectWithRest(
  { ...item, type: v.literal('licences'), total: v.number(), used: v.number() },
  v.union([v.number(), v.string()]),
);
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
  tokensValidAfter: seconds,
};

export const employeeItem = v.object({
  ...item,
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
  version: v.number(),
});
export type EmployeeItem = v.InferOutput<typeof employeeItem>;

export const loginItem = v.object({
  ...item,
  ...signInFields,
  type: v.literal('login'),
  tenant: v.string(),
  employeeId: v.number(),
});
export type LoginItem = v.InferOutput<typeof loginItem>;

export const roleItem = v.object({
  ...item,
  ...roleFacts.entries,
  type: v.literal('role'),
  tenant: v.string(),
  internalHolders: v.number(),
  externalHolders: v.number(),
});
export type RoleItem = v.InferOutput<typeof roleItem>;

/** A reset from its request to its use; also the outbox of its mails. */
export const resetItem = v.object({
  ...item,
  type: v.literal('reset'),
  id: v.string(),
  tenant: v.string(),
  /** `owner`: asked on the public page; `admin`: Reset and send instructions; `setup`: a new account. */
  requestedBy: v.picklist(['owner', 'admin', 'setup']),
  /** What the owner typed, folded; gone as soon as the account is known, or known not to exist. */
  foldedUserName: v.optional(v.string()),
  employeeId: v.optional(v.number()),
  state: v.picklist(['requested', 'sent', 'used', 'dropped']),
  /** `pending` while a mail is owed: the link after `requested`, the notice after `used`. */
  outbox: v.picklist(['pending', 'done']),
  secretHash: v.optional(v.string()),
  linkExpiresAt: v.optional(seconds),
  /** Claim of one attempt to set the password: its id, its fresh generation, the end of its lease. */
  attempt: v.optional(v.string()),
  attemptGeneration: v.optional(v.string()),
  leaseUntil: v.optional(seconds),
  requestedAt: seconds,
  expiresAt: seconds,
});
export type ResetItem = v.InferOutput<typeof resetItem>;

export const familyItem = v.object({
  ...item,
  type: v.literal('family'),
  ended: v.boolean(),
  expiresAt: seconds,
});

export const attemptsItem = v.object({
  ...item,
  type: v.literal('attempts'),
  /** Reserved since the last success or quiet period; a reservation that succeeded is given back. */
  failures: v.number(),
  lastAt: seconds,
  /** How often the budget was exhausted in a row: the delay doubles with it. */
  level: v.number(),
  /** Guesses of this UTC day, as `yyyy-mm-dd`. */
  day: v.string(),
  today: v.number(),
  /** Set on the item of a network from which the account signed in. */
  provenUntil: v.optional(seconds),
  expiresAt: seconds,
});
export type AttemptsItem = v.InferOutput<typeof attemptsItem>;
