import * as v from 'valibot';
import { ACTIONS, type Module } from '../rules/rights.ts';
import { USER_TYPES } from '../rules/user-types.ts';
import { unpackRoles } from './role-digest.ts';

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
  /** Lifetimes that the company set; one that is absent is standard (shared/rules/lifetimes.ts). */
  accessTokenMinutes: v.optional(v.number()),
  refreshTokenDays: v.optional(v.number()),
  ownerLinkMinutes: v.optional(v.number()),
  adminLinkHours: v.optional(v.number()),
  /** Tokens of sign-ins up to and including this second are dead: the last suspension. */
  tokensValidAfter: v.optional(seconds),
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
  ...item,
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
  tokensValidAfter: seconds,
  /** Since when the person has a second factor; the user pool has the last word on it. */
  secondFactorOn: v.optional(v.string()),
  /** A recovery code was used: the factor is to be set up again, whatever the company's setting. */
  mustEnrol: v.optional(v.boolean()),
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
  /** Raised by each edit of the role, not by who gains or loses it; its ETag. */
  version: v.number(),
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
  /**
   * `pending` when a mail falls due: the link after `requested`, the notice after `used`. `sending` once its link
   * is made, so that this write wakes nobody again. `done` when SES took it, or nothing is owed.
   */
  outbox: v.picklist(['pending', 'sending', 'done']),
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
  /** Where a refresh begins; absent when the family only stands for its end. */
  refresh: v.optional(
    v.object({
      cognitoUser: v.string(),
      authTime: seconds,
      secondFactorPassed: v.boolean(),
      until: seconds,
      /** Key of the seal on each refresh token of the family, so that only one that was issued can end it. */
      sealKey: v.string(),
      /** Hashes of the tokens that may be used: one, or those made of one token while its grace lasted. */
      live: v.array(v.string()),
      /** Hash of the token that they came of, good for a short grace. */
      replaced: v.optional(v.string()),
      replacedAt: v.optional(seconds),
      /** Counts rotations: every change is conditional on it. */
      version: v.number(),
    }),
  ),
  expiresAt: seconds,
});
export type FamilyItem = v.InferOutput<typeof familyItem>;
export type RefreshState = NonNullable<FamilyItem['refresh']>;

/** What a request under an Idempotency-Key was answered, or that it is under way (R8). */
export const idempotencyItem = v.object({
  ...item,
  type: v.literal('idempotency'),
  requestHash: v.string(),
  state: v.picklist(['in_flight', 'done', 'released']),
  /** Who holds the key, until when. */
  attempt: v.string(),
  leaseUntil: seconds,
  reply: v.optional(
    v.object({
      statusCode: v.number(),
      headers: v.record(v.string(), v.string()),
      body: v.string(),
    }),
  ),
  expiresAt: seconds,
});
export type IdempotencyItem = v.InferOutput<typeof idempotencyItem>;

/** An import of employees, and how far it is; kept for a while after it is finished. */
export const importItem = v.object({
  ...item,
  type: v.literal('import'),
  tenant: v.string(),
  id: v.string(),
  /** Of the file and of what was asked with it: another file is another import. */
  fileHash: v.string(),
  rows: v.number(),
  /** Rows written, from the first on. */
  done: v.number(),
  startedOn: v.string(),
  modifiedOn: v.string(),
  expiresAt: seconds,
});
export type ImportItem = v.InferOutput<typeof importItem>;

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

/** A signed-in person's browser. Its key is the hash of what the cookie holds. */
export const sessionItem = v.object({
  ...item,
  type: v.literal('session'),
  hash: v.string(),
  /** Names the session on the account's pages, where the hash would say too much. */
  id: v.string(),
  tenant: v.string(),
  employeeId: v.number(),
  generation: v.string(),
  secondFactorPassed: v.boolean(),
  sourceAddress: v.string(),
  userAgent: v.string(),
  signedInAt: seconds,
  lastSeenAt: seconds,
  expiresAt: seconds,
});
export type SessionItem = v.InferOutput<typeof sessionItem>;

/** Between a right password and a session: a code is due, or a factor is to be set up. */
export const pendingSignInItem = v.object({
  ...item,
  type: v.literal('pending-sign-in'),
  hash: v.string(),
  tenant: v.string(),
  employeeId: v.number(),
  generation: v.string(),
  due: v.picklist(['code', 'enrolment']),
  /** Cognito's own, good for three minutes; worth nothing without the code and the credentials of a function. */
  cognitoSession: v.optional(v.string()),
  newNetwork: v.boolean(),
  startedAt: seconds,
  expiresAt: seconds,
});
export type PendingSignInItem = v.InferOutput<typeof pendingSignInItem>;

/** Hashes of the recovery codes that are left. DynamoDB drops an empty set. */
export const recoveryCodesItem = v.object({
  ...item,
  type: v.literal('recovery-codes'),
  tenant: v.string(),
  employeeId: v.number(),
  codes: v.optional(v.set(v.string())),
});

const NOTICES = [
  'factor-added',
  'factor-removed',
  'factor-reset',
  'recovery-codes-renewed',
  'recovery-code-used',
  'new-network',
] as const;

/** A mail that tells the owner what happened to the account, without a link; owed while `pending`. */
export const noticeItem = v.object({
  ...item,
  type: v.literal('notice'),
  id: v.string(),
  tenant: v.string(),
  employeeId: v.number(),
  notice: v.picklist(NOTICES),
  at: seconds,
  outbox: v.picklist(['pending', 'done']),
  expiresAt: seconds,
});
export type NoticeItem = v.InferOutput<typeof noticeItem>;
export type Notice = NoticeItem['notice'];

/** When an account last got a token, or a person last signed in; written with the sign-in's own record. */
export const lastUseItem = v.object({
  ...item,
  type: v.literal('last-use'),
  at: v.string(),
  expiresAt: seconds,
});
export type LastUseItem = v.InferOutput<typeof lastUseItem>;

/** One audit record as it is read: actions and reasons of former versions stay readable. */
export const auditEntryItem = v.object({
  ...item,
  type: v.literal('audit'),
  id: v.string(),
  at: v.string(),
  action: v.string(),
  outcome: v.picklist(['done', 'refused', 'failed']),
  reason: v.optional(v.string()),
  actor: v.object({
    kind: v.string(),
    id: v.optional(v.number()),
    userType: v.optional(v.string()),
  }),
  origin: v.optional(
    v.object({ sourceAddress: v.string(), userAgent: v.string(), correlationId: v.string() }),
  ),
  employeeId: v.optional(v.number()),
  subject: v.optional(v.object({ kind: v.string(), id: v.string() })),
  changes: v.optional(
    v.record(v.string(), v.object({ before: v.optional(v.unknown()), after: v.optional(v.unknown()) })),
  ),
  details: v.optional(v.record(v.string(), v.unknown())),
  /** How many attempts one record of a throttled minute stands for. */
  count: v.optional(v.number()),
});
export type AuditEntry = v.InferOutput<typeof auditEntryItem>;
/** Calls of one account to one endpoint in one clock hour. */
export const quotaItem = v.object({ calls: v.number() });

/** A mail about a burst of guesses; also its outbox. Without an account it is owed to nobody. */
export const guessNoticeItem = v.object({
  ...item,
  type: v.literal('guess-notice'),
  id: v.string(),
  tenant: v.optional(v.string()),
  employeeId: v.optional(v.number()),
  outbox: v.picklist(['pending', 'done', 'none']),
  at: v.string(),
  expiresAt: seconds,
});
export type GuessNoticeItem = v.InferOutput<typeof guessNoticeItem>;
