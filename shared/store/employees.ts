import { newEmployeeId } from '../ids.ts';
import { type EmployeeEffects, voidedByEdit } from '../rules/employee-changes.ts';
import { nameKey } from '../rules/name-order.ts';
import { foldName } from '../rules/names.ts';
import { fullName, isPerson } from '../rules/people.ts';
import type { RoleFacts } from '../rules/rights.ts';
import { isInternal, type UserType } from '../rules/user-types.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import {
  type EmployeeItem,
  employeeItem,
  type LicencesItem,
  type LoginItem,
  licencesItem,
  MAIL_FIELDS,
} from './items.ts';
import {
  employeeCounter,
  employeeKey,
  employeeListPartition,
  employeeListSort,
  licencesKey,
  loginKey,
  peopleListPartition,
  roleKey,
  tenantKey,
} from './keys.ts';
import { copyAttempts } from './rename-attempts.ts';
import {
  batchGet,
  type Condition,
  getItem,
  NOT_EXISTS,
  type Table,
  transact,
  type Update,
  type Write,
} from './table.ts';

/** A new account: no password, no mail yet. */
export function newEmployee(
  fields: Pick<
    EmployeeItem,
    'tenant' | 'userName' | 'firstName' | 'lastName' | 'userType' | 'active' | 'sso' | 'roleIds'
  > &
    EmployeeProfile,
  now: Date,
): EmployeeItem {
  return {
    schema: 1,
    type: 'employee',
    id: newEmployeeId(),
    ...fields,
    tokensValidAfter: 0,
    instructionsState: 'none',
    createdOn: now.toISOString(),
    modifiedOn: now.toISOString(),
    version: 1,
  };
}

export type EmployeeProfile = Partial<
  Pick<
    EmployeeItem,
    'emailAddress' | 'employeeNumber' | 'jobTitle' | 'department' | 'location' | 'timeZone' | 'notes'
  >
>;

export type EmployeeConflict =
  | 'user_name_taken'
  | 'id_taken'
  | 'licences_changed'
  | 'last_administrator'
  | 'changed_meanwhile';

export type SaveContext = {
  readonly effects: EmployeeEffects;
  readonly audit: AuditRecord;
  /** Writes of the request itself that stand or fall with the change: the reply kept under its Idempotency-Key. */
  readonly alongside?: readonly Write<'changed_meanwhile'>[];
  /** A link to be mailed, asked for in the same request. */
  readonly reset?: Record<string, unknown> | undefined;
};

export function readEmployee(table: Table, tenant: string, id: number): Promise<EmployeeItem | undefined> {
  return getItem(table, employeeKey(tenant, id), employeeItem);
}

/** Those of the ids that there are, in no order. */
export async function readEmployees(
  table: Table,
  tenant: string,
  ids: readonly number[],
): Promise<EmployeeItem[]> {
  const wanted = ids.map(
    (id) => [String(id), { key: employeeKey(tenant, id), schema: employeeItem }] as const,
  );
  const found = await batchGet(table, Object.fromEntries(wanted));
  return Object.values(found).filter((employee) => employee !== undefined);
}

/** The company is being removed, or is gone, while a call of one of its employees is at work. Answered 401. */
class CompanyEndedError extends Error {
  override readonly name = 'CompanyEndedError';
}

/** @throws CompanyEndedError */
export async function readLicences(table: Table, tenant: string): Promise<LicencesItem> {
  const licences = await getItem(table, licencesKey(tenant), licencesItem);
  if (licences === undefined || licences.closed) throw new CompanyEndedError();
  return licences;
}

/** The employee, its sign-in name, the licence, the role holders and the audit record: all or nothing. */
export function createEmployee(
  table: Table,
  employee: EmployeeItem,
  roles: readonly RoleFacts[],
  context: SaveContext,
): Promise<readonly EmployeeConflict[]> {
  return transact<EmployeeConflict>(table, [
    ...employeePuts(employee),
    ...counterWrites(employee.tenant, undefined, employee, context.effects),
    ...holderWrites(employee.tenant, [], holdingsOf(employee.userType, roles)),
    { put: auditItem(context.audit) },
    ...(context.reset ? [{ put: context.reset, when: NOT_EXISTS }] : []),
    ...(context.alongside ?? []),
  ]);
}

/** Puts of a new employee and its sign-in name. */
export function employeePuts(employee: EmployeeItem): Write<'user_name_taken' | 'id_taken'>[] {
  return [
    { put: employeeAttributes(employee), when: NOT_EXISTS, onConflict: 'id_taken' },
    { put: loginAttributes(employee), when: NOT_EXISTS, onConflict: 'user_name_taken' },
  ];
}

/** As the rules saw it, whatever became of its mails since. */
export const VERSION_AS_READ = ({ version }: Pick<EmployeeItem, 'version'>): Condition => ({
  expression: '#version = :seen',
  names: { '#version': 'version' },
  values: { ':seen': version },
});

/** Of a sign-in name: it is still this employee's. */
export const LOGIN_OF = (employeeId: number): Condition => ({
  expression: 'employeeId = :employeeId',
  values: { ':employeeId': employeeId },
});

/** For a change that cannot be taken back once begun: of all who name this version, one goes on. */
export async function takeVersion(table: Table, employee: EmployeeItem): Promise<boolean> {
  const conflicts = await transact<'taken'>(table, [
    {
      update: employeeKey(employee.tenant, employee.id),
      set: adding([['version', 1]]),
      when: VERSION_AS_READ(employee),
      onConflict: 'taken',
    },
  ]);
  return conflicts.length === 0;
}

/**
 * Conditional on the version that the rules looked at, and on every counter that they relied on. Of the mail fields
 * nothing in `after` is written; what the edit voids of them goes, read or not.
 */
export async function changeEmployee(
  table: Table,
  before: EmployeeItem,
  after: EmployeeItem,
  roles: { readonly before: readonly RoleFacts[]; readonly after: readonly RoleFacts[] },
  context: SaveContext,
): Promise<readonly EmployeeConflict[]> {
  const name = { from: foldName(before.userName), to: foldName(after.userName) };
  const renamed = name.from !== name.to;
  const attempts = renamed ? await copyAttempts(table, before.tenant, name, context.audit.at) : [];
  return transact<EmployeeConflict>(table, [
    {
      update: employeeKey(before.tenant, before.id),
      set: editOf(before, after),
      when: VERSION_AS_READ(before),
      onConflict: 'changed_meanwhile',
    },
    {
      put: loginAttributes(after),
      when: renamed ? NOT_EXISTS : LOGIN_OF(before.id),
      onConflict: renamed ? 'user_name_taken' : 'changed_meanwhile',
    },
    ...(renamed ? [{ remove: loginKey(before.tenant, name.from) }] : []),
    ...attempts,
    ...counterWrites(before.tenant, before, after, context.effects),
    ...holderWrites(
      before.tenant,
      holdingsOf(before.userType, roles.before),
      holdingsOf(after.userType, roles.after),
    ),
    { put: auditItem(context.audit) },
    ...(context.reset ? [{ put: context.reset, when: NOT_EXISTS }] : []),
    ...(context.alongside ?? []),
  ]);
}

const NO_EDIT_WRITES: ReadonlySet<string> = new Set(MAIL_FIELDS);
const EDITED_FIELDS = (Object.keys(employeeItem.entries) as (keyof EmployeeItem)[]).filter(
  (name) => !NO_EDIT_WRITES.has(name),
);

function editOf(before: EmployeeItem, after: EmployeeItem): Update {
  const edited = { ...after, version: before.version + 1 };
  const set = {
    ...Object.fromEntries(EDITED_FIELDS.map((name) => [name, edited[name]])),
    ...indexAttributes(edited),
  };
  const kept = Object.entries(set).filter(([, value]) => value !== undefined);
  const gone = [
    ...EDITED_FIELDS.filter((name) => edited[name] === undefined),
    ...voidedByEdit(before, after),
  ];
  return {
    expression: `SET ${kept.map(([name]) => `#${name} = :${name}`).join(', ')}${
      gone.length > 0 ? ` REMOVE ${gone.map((name) => `#${name}`).join(', ')}` : ''
    }`,
    names: Object.fromEntries([...kept.map(([name]) => name), ...gone].map((name) => [`#${name}`, name])),
    values: Object.fromEntries(kept.map(([name, value]) => [`:${name}`, value])),
  };
}

function employeeAttributes(employee: EmployeeItem) {
  const { tenant, id } = employee;
  return {
    ...employeeKey(tenant, id),
    ...employee,
    ...indexAttributes(employee),
  };
}

function indexAttributes(employee: EmployeeItem) {
  const { tenant } = employee;
  return {
    listPK: employeeListPartition(tenant),
    listSK: listSort(employee),
    ...(isPerson(employee) ? { peoplePK: peopleListPartition(tenant, employee.active) } : {}),
  };
}

/** Where an employee stands in every list by name. */
export function listSort(employee: Pick<EmployeeItem, 'firstName' | 'lastName' | 'id'>): string {
  return employeeListSort(nameKey(fullName(employee)), employee.id);
}

function loginAttributes(employee: EmployeeItem) {
  const login: LoginItem = {
    schema: 1,
    type: 'login',
    tenant: employee.tenant,
    employeeId: employee.id,
    userType: employee.userType,
    active: employee.active,
    sso: employee.sso,
    roleIds: employee.roleIds,
    ...(employee.generation ? { generation: employee.generation } : {}),
    tokensValidAfter: employee.tokensValidAfter,
    ...(employee.secondFactorOn ? { secondFactorOn: employee.secondFactorOn } : {}),
    ...(employee.mustEnrol ? { mustEnrol: employee.mustEnrol } : {}),
  };
  return { ...loginKey(employee.tenant, foldName(employee.userName)), ...login };
}

/**
 * Of the licences: the removal of the company has not begun. What was authorised before it would else leave an account
 * behind that the next company of the same name finds among its own (M16).
 */
export const STILL_COUNTED = 'attribute_exists(PK) AND attribute_not_exists(closed)';

type Countable = { readonly userType: UserType; readonly active: boolean };

/** The licences in use (M10), the counters behind `totalRecords`, and the active administrators. */
export function counterWrites(
  tenant: string,
  before: Countable | undefined,
  after: Countable | undefined,
  effects: EmployeeEffects,
): Write<EmployeeConflict>[] {
  const writes: Write<EmployeeConflict>[] = [];
  const counters = new Map<string, number>();
  if (before) counters.set(employeeCounter(before.userType, before.active), -1);
  if (after) {
    const counter = employeeCounter(after.userType, after.active);
    counters.set(counter, (counters.get(counter) ?? 0) + 1);
  }
  if (effects.licences !== 0) counters.set('used', effects.licences);
  const moved = [...counters].filter(([, step]) => step !== 0);
  if (moved.length > 0) {
    writes.push({
      update: licencesKey(tenant),
      set: adding(moved),
      when:
        effects.licences > 0
          ? {
              expression: `#used < #total AND ${STILL_COUNTED}`,
              names: { '#used': 'used', '#total': 'total' },
            }
          : { expression: STILL_COUNTED },
      onConflict: 'licences_changed',
    });
  }
  if (effects.administrators !== 0) {
    writes.push({
      update: tenantKey(tenant),
      set: adding([['activeAdministrators', effects.administrators]]),
      ...(effects.administrators < 0
        ? {
            when: {
              expression: '#activeAdministrators > :last',
              names: { '#activeAdministrators': 'activeAdministrators' },
              values: { ':last': 1 },
            },
            onConflict: 'last_administrator' as const,
          }
        : {}),
    });
  }
  return writes;
}

/** That an employee of this type holds this role. */
type Holding = { readonly role: RoleFacts; readonly userType: UserType };

export const holdingsOf = (userType: UserType, roles: readonly RoleFacts[]): Holding[] =>
  roles.map((role) => ({ role, userType }));

/** Counts of holders on each role that is gained or lost, conditional on the kind that M12 looked at. */
export function holderWrites(
  tenant: string,
  lost: readonly Holding[],
  gained: readonly Holding[],
): Write<'changed_meanwhile'>[] {
  const moves = new Map<number, { external: boolean; internalHolders: number; externalHolders: number }>();
  const count = ({ role, userType }: Holding, step: 1 | -1) => {
    const move = moves.get(role.id) ?? { external: role.external, internalHolders: 0, externalHolders: 0 };
    move[isInternal(userType) ? 'internalHolders' : 'externalHolders'] += step;
    moves.set(role.id, move);
  };
  for (const holding of lost) count(holding, -1);
  for (const holding of gained) count(holding, 1);
  return [...moves]
    .filter(([, { internalHolders, externalHolders }]) => internalHolders !== 0 || externalHolders !== 0)
    .map(([id, { external, internalHolders, externalHolders }]) => ({
      update: roleKey(tenant, id),
      set: adding([
        ['internalHolders', internalHolders],
        ['externalHolders', externalHolders],
      ]),
      when: {
        expression: '#external = :external',
        names: { '#external': 'external' },
        values: { ':external': external },
      },
      onConflict: 'changed_meanwhile',
    }));
}

export function adding(steps: readonly (readonly [attribute: string, step: number])[]): Update {
  const moved = steps.filter(([, step]) => step !== 0);
  return {
    expression: `ADD ${moved.map(([attribute]) => `#${attribute} :add${attribute}`).join(', ')}`,
    names: Object.fromEntries(moved.map(([attribute]) => [`#${attribute}`, attribute])),
    values: Object.fromEntries(moved.map(([attribute, step]) => [`:add${attribute}`, step])),
  };
}
