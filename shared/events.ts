import * as v from 'valibot';
import { USER_TYPES } from './rules/user-types.ts';
import { parseShape } from './shape.ts';
import type { AuditAction } from './store/audit.ts';
import type { AuditEntry } from './store/audit-log.ts';
import type { GuessNoticeItem } from './store/guess-notices.ts';

/**
 * What is told on the event bus, for automation of the owner's own. An event says what happened to whom, by number:
 * never a name, an address or a secret. Shapes only grow; one that has to change otherwise gets a new `version`,
 * told beside the old one for a while. docs/events.md and docs/events.schema.json are made of this file.
 */
export const EVENT_SOURCE = 'psa-accounts';

const common = {
  /** Of the shape of this detail. */
  version: v.literal(1),
  /** The same when an event is told twice: of the audit record that it stands for, where there is one. */
  id: v.string(),
  /** Sign-in name of the company. */
  tenant: v.string(),
  /** Who did it: an employee, an operator of the deployment, the account's owner, or the system. */
  actor: v.strictObject({
    kind: v.picklist(['employee', 'operator', 'owner', 'system']),
    id: v.optional(v.number()),
  }),
  /** Of the request behind it, as its reply and the audit have it. */
  correlationId: v.optional(v.string()),
};
const account = { ...common, employeeId: v.number() };

/** Every kind of event by its `detail-type`. */
export const EVENTS = {
  'Account Created': {
    summary: 'An employee was created, by hand or by an import',
    detail: v.strictObject({ ...account, userType: v.optional(v.picklist(USER_TYPES)) }),
  },
  'Account Changed': {
    summary: 'Fields of an employee were changed; `fields` names them',
    detail: v.strictObject({ ...account, fields: v.array(v.string()) }),
  },
  'Account Activated': {
    summary: 'An employee was activated; `fields` names what was changed with it',
    detail: v.strictObject({ ...account, fields: v.array(v.string()) }),
  },
  'Account Deactivated': {
    summary: 'An employee was deactivated, its tokens are dead; `fields` names what was changed with it',
    detail: v.strictObject({ ...account, fields: v.array(v.string()) }),
  },
  'Account Revoked': {
    summary: 'Every token and session of an employee was ended',
    detail: v.strictObject({ ...account }),
  },
  'Account Deleted': {
    summary: 'An employee was deleted',
    detail: v.strictObject({ ...account }),
  },
  'Credential Set': {
    summary:
      'A password was set: by a mailed link, by an admin for a person, or by a person who was signed in',
    detail: v.strictObject({ ...account, by: v.picklist(['link', 'admin', 'owner']) }),
  },
  'Second Factor Changed': {
    summary: "A person's second factor was added, removed, reset by an admin, or replaced by a recovery code",
    detail: v.strictObject({
      ...account,
      change: v.picklist(['added', 'removed', 'reset', 'codes_renewed', 'recovery_code_used']),
    }),
  },
  'Mail Address Failed': {
    summary: 'Mail to an employee came back for good, or was reported as spam',
    detail: v.strictObject({ ...account, problem: v.picklist(['bounced', 'complained_of']) }),
  },
  'Tokens Refused In Burst': {
    summary:
      'Wrong passwords used up what an account may get wrong: somebody guesses, or a client has an old one',
    detail: v.strictObject({ ...account }),
  },
  'Role Changed': {
    summary: 'A security role was created, updated or deleted',
    detail: v.strictObject({
      ...common,
      roleId: v.number(),
      change: v.picklist(['created', 'updated', 'deleted']),
    }),
  },
  'Company Changed': {
    summary: 'Settings of a company were changed; `fields` names them',
    detail: v.strictObject({ ...common, fields: v.array(v.string()) }),
  },
  'Tenant Changed': {
    summary: 'An operator created, suspended, resumed or deleted a company, or changed its licences',
    detail: v.strictObject({
      ...common,
      change: v.picklist(['created', 'suspended', 'resumed', 'deletion_begun', 'deleted', 'licences']),
    }),
  },
} as const satisfies Record<string, { readonly summary: string; readonly detail: v.GenericSchema }>;

type EventType = keyof typeof EVENTS;
export type Event = {
  [Type in EventType]: {
    readonly type: Type;
    readonly at: Date;
    readonly detail: v.InferOutput<(typeof EVENTS)[Type]['detail']>;
  };
}[EventType];

/** An audit record as the stream has it. */
export type AuditedChange = AuditEntry & { readonly tenant: string };
type Make = (entry: AuditedChange) => { readonly type: EventType; readonly more?: object };

const changed =
  (type: EventType): Make =>
  ({ changes = {} }) => ({ type, more: { fields: Object.keys(changes) } });
const role =
  (change: string): Make =>
  ({ subject }) => ({ type: 'Role Changed', more: { roleId: Number(subject?.id), change } });
const tenant =
  (change: string): Make =>
  () => ({ type: 'Tenant Changed', more: { change } });
const factor =
  (change: string): Make =>
  () => ({ type: 'Second Factor Changed', more: { change } });
const credential =
  (by: string): Make =>
  () => ({ type: 'Credential Set', more: { by } });
const mail =
  (problem: string): Make =>
  () => ({ type: 'Mail Address Failed', more: { problem } });

/** Of what is audited, what is told; infra/functions.ts filters the stream by these actions. */
const MAKE = {
  'employee.create': ({ changes }) => ({
    type: 'Account Created',
    more: { userType: changes?.userType?.after },
  }),
  'employee.update': (entry) => {
    const active = entry.changes?.active?.after;
    if (active === true) return changed('Account Activated')(entry);
    return changed(active === false ? 'Account Deactivated' : 'Account Changed')(entry);
  },
  'employee.activate': changed('Account Activated'),
  'employee.deactivate': changed('Account Deactivated'),
  'employee.revoke': () => ({ type: 'Account Revoked' }),
  'employee.delete': () => ({ type: 'Account Deleted' }),
  'password.set': credential('link'),
  'password.set-by-admin': credential('admin'),
  'password.change': credential('owner'),
  'factor.add': factor('added'),
  'factor.remove': factor('removed'),
  'factor.reset': factor('reset'),
  'factor.codes': factor('codes_renewed'),
  'factor.recovery': factor('recovery_code_used'),
  'mail.bounced': mail('bounced'),
  'mail.complained-of': mail('complained_of'),
  'role.create': role('created'),
  'role.update': role('updated'),
  'role.delete': role('deleted'),
  'company.update': changed('Company Changed'),
  'tenant.create': tenant('created'),
  'tenant.suspend': tenant('suspended'),
  'tenant.resume': tenant('resumed'),
  'tenant.licences': tenant('licences'),
  'tenant.delete': (entry) => tenant(entry.details?.step === 'done' ? 'deleted' : 'deletion_begun')(entry),
} as const satisfies Partial<Record<AuditAction, Make>>;
export const TOLD_ACTIONS = Object.keys(MAKE) as readonly (keyof typeof MAKE)[];

/** Undefined for what is not told: a refusal, or an action that only the audit keeps. */
export function eventOfChange(entry: AuditedChange): Event | undefined {
  if (entry.outcome !== 'done' || !Object.hasOwn(MAKE, entry.action)) return undefined;
  const make: Make = MAKE[entry.action as keyof typeof MAKE];
  const made = make(entry);
  const { kind, id } = entry.actor;
  return checked(made.type, new Date(entry.at), {
    id: entry.id,
    tenant: entry.tenant,
    actor: { kind, ...(id === undefined ? {} : { id }) },
    ...(entry.origin === undefined ? {} : { correlationId: entry.origin.correlationId }),
    ...(entry.employeeId === undefined ? {} : { employeeId: entry.employeeId }),
    ...made.more,
  });
}

/** Undefined for guesses at a name that nobody has. */
export function eventOfGuesses({ id, tenant: name, employeeId, at }: GuessNoticeItem): Event | undefined {
  if (name === undefined || employeeId === undefined) return undefined;
  const detail = { id, tenant: name, actor: { kind: 'system' }, employeeId };
  return checked('Tokens Refused In Burst', new Date(at), detail);
}

/** Nothing leaves that its schema does not know. */
function checked(type: EventType, at: Date, detail: object): Event {
  return { type, at, detail: parseShape(EVENTS[type].detail, { version: 1, ...detail }) } as Event;
}
