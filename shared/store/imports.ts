import * as v from 'valibot';
import { DAY_SECONDS, epochSeconds } from '../clock.ts';
import type { EmployeeEffects } from '../rules/employee-changes.ts';
import { foldName } from '../rules/names.ts';
import type { RoleFacts } from '../rules/rights.ts';
import type { UserType } from '../rules/user-types.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { employeeChanges, profileFrom } from './employee-fields.ts';
import {
  adding,
  type EmployeeProfile,
  employeePuts,
  holderWrites,
  holdingsOf,
  newEmployee,
  STILL_COUNTED,
} from './employees.ts';
import { commonFields, epochTime, type LicencesItem, loginItem, type TenantItem } from './items.ts';
import { employeeCounter, importKey, licencesKey, loginKey, tenantKey } from './keys.ts';
import { newReset } from './resets.ts';
import { batchGet, getItem, NOT_EXISTS, type Table, transact, type Write } from './table.ts';

/** An import of employees, and how far it is; kept for a while after it is finished. */
const importItem = v.object({
  ...commonFields,
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
  expiresAt: epochTime,
});
export type ImportItem = v.InferOutput<typeof importItem>;

/** A row that passed every check, not yet written. */
export type ImportRow = {
  readonly row: number;
  readonly fields: { readonly [Field in keyof EmployeeProfile]?: string | null | undefined } & {
    readonly userName: string;
    readonly firstName: string;
    readonly lastName: string;
    readonly userType: UserType;
    readonly isActive: boolean;
    readonly isSso: boolean;
    readonly securityRoleIds: readonly number[];
  };
  readonly roles: readonly RoleFacts[];
  readonly effects: EmployeeEffects;
  /** A link is mailed to it. */
  readonly mailed: boolean;
};

/** What a transaction of rows failed on; a taken name tells whose. */
export type ImportConflict =
  | `user_name_taken:${number}`
  | 'id_taken'
  | 'licences_changed'
  | 'moved_on'
  | 'changed_meanwhile';

const IMPORT_KEPT_DAYS = 30;
/** DynamoDB's own limit for one transaction. */
const TRANSACTION_ITEMS = 100;
/** Licences, administrators and the import's own progress. */
const COUNTING_ITEMS = 3;

/** One that an earlier company of the same sign-in name left behind counts as absent (M16). */
export async function readImport(
  table: Table,
  { tenant, createdOn }: Pick<TenantItem, 'tenant' | 'createdOn'>,
  id: string,
): Promise<ImportItem | undefined> {
  const found = await getItem(table, importKey(tenant, id), importItem);
  return found === undefined || found.startedOn < createdOn ? undefined : found;
}

/** Writes down that the import begins, unless another request just did. */
export async function beginImport(
  table: Table,
  company: Pick<TenantItem, 'tenant' | 'createdOn'>,
  begun: Pick<ImportItem, 'id' | 'fileHash' | 'rows'>,
  audit: AuditRecord,
): Promise<void> {
  const at = audit.at.toISOString();
  const item: ImportItem = {
    schema: 1,
    type: 'import',
    tenant: company.tenant,
    ...begun,
    done: 0,
    startedOn: at,
    modifiedOn: at,
    expiresAt: epochSeconds(audit.at) + IMPORT_KEPT_DAYS * DAY_SECONDS,
  };
  await transact<'begun'>(table, [
    {
      put: { ...importKey(item.tenant, item.id), ...item },
      // Free is what `readImport` takes for absent.
      when: {
        expression: 'attribute_not_exists(PK) OR #startedOn < :createdOn OR #expiresAt <= :now',
        names: { '#startedOn': 'startedOn', '#expiresAt': 'expiresAt' },
        values: { ':createdOn': company.createdOn, ':now': epochSeconds(audit.at) },
      },
      onConflict: 'begun',
    },
    { put: auditItem(audit) },
  ]);
}

/** Which of the names are taken, folded. */
export async function takenNames(
  table: Table,
  tenant: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const folded = [...new Set(names.map(foldName))];
  const wanted = folded.map((name) => [name, { key: loginKey(tenant, name), schema: loginItem }] as const);
  const found = await batchGet(table, Object.fromEntries(wanted));
  return new Set(folded.filter((name) => found[name] !== undefined));
}

/** As many rows as one transaction holds, of which at most `mails` are mailed. */
export function nextRows(rows: readonly ImportRow[], mails: number): ImportRow[] {
  const taken: ImportRow[] = [];
  const roleIds = new Set<number>();
  let items = COUNTING_ITEMS;
  let mailed = 0;
  for (const row of rows) {
    const more = row.roles.filter(({ id }) => !roleIds.has(id));
    items += 3 + (row.mailed ? 1 : 0) + more.length;
    mailed += row.mailed ? 1 : 0;
    if (items > TRANSACTION_ITEMS || mailed > mails) break;
    for (const { id } of more) roleIds.add(id);
    taken.push(row);
  }
  return taken;
}

/** Several employees and the import's progress: all or nothing. */
export function writeRows(
  table: Table,
  { tenant, id, done, startedOn }: ImportItem,
  rows: readonly ImportRow[],
  context: {
    readonly licences: LicencesItem;
    readonly now: Date;
    readonly audit: Pick<AuditRecord, 'actor' | 'origin'>;
  },
): Promise<readonly ImportConflict[]> {
  const { now } = context;
  return transact<ImportConflict>(table, [
    {
      update: importKey(tenant, id),
      set: {
        expression: 'SET #done = :next, #modifiedOn = :on',
        names: { '#done': 'done', '#modifiedOn': 'modifiedOn' },
        values: { ':next': done + rows.length, ':on': now.toISOString() },
      },
      when: {
        expression: '#done = :seen AND #startedOn = :startedOn',
        names: { '#startedOn': 'startedOn' },
        values: { ':seen': done, ':startedOn': startedOn },
      },
      onConflict: 'moved_on',
    },
    ...rows.flatMap((row) => writesOf(tenant, id, row, context)),
    ...counters(tenant, rows, context.licences),
    ...holderWrites(
      tenant,
      [],
      rows.flatMap(({ fields, roles }) => holdingsOf(fields.userType, roles)),
    ),
  ]);
}

function writesOf(
  tenant: string,
  importId: string,
  { row, fields, mailed }: ImportRow,
  { now, audit }: { readonly now: Date; readonly audit: Pick<AuditRecord, 'actor' | 'origin'> },
): Write<ImportConflict>[] {
  const { userName, firstName, lastName, userType, isActive: active, isSso: sso } = fields;
  const employee = {
    ...newEmployee(
      {
        ...{ tenant, userName, firstName, lastName, userType, active, sso },
        roleIds: [...fields.securityRoleIds],
        ...profileFrom(fields),
      },
      now,
    ),
    ...(mailed ? { instructionsState: 'pending' as const, instructionsOn: now.toISOString() } : {}),
  };
  return [
    ...employeePuts(employee).map((write) =>
      write.onConflict === 'user_name_taken'
        ? { ...write, onConflict: `user_name_taken:${row}` as const }
        : { ...write, onConflict: 'id_taken' as const },
    ),
    {
      put: auditItem({
        tenant,
        at: now,
        action: 'employee.create',
        outcome: 'done',
        ...audit,
        employeeId: employee.id,
        changes: employeeChanges(undefined, employee),
        details: { importId, row },
      }),
    },
    ...(mailed
      ? [
          {
            put: newReset({ tenant, employeeId: employee.id, requestedBy: 'setup' }, now),
            when: NOT_EXISTS,
          },
        ]
      : []),
  ];
}

/** M10: on condition that the licences are as they were read, but for fewer in use. */
function counters(
  tenant: string,
  rows: readonly ImportRow[],
  { total }: LicencesItem,
): Write<ImportConflict>[] {
  const steps = new Map<string, number>();
  const add = (name: string, step: number) => steps.set(name, (steps.get(name) ?? 0) + step);
  for (const { fields } of rows) add(employeeCounter(fields.userType, fields.isActive), 1);
  const licences = rows.reduce((sum, { effects }) => sum + effects.licences, 0);
  const administrators = rows.reduce((sum, { effects }) => sum + effects.administrators, 0);
  return [
    {
      update: licencesKey(tenant),
      set: adding([...steps, ['used', licences]]),
      when:
        licences > 0
          ? {
              expression: `#used <= :room AND #total = :total AND ${STILL_COUNTED}`,
              names: { '#total': 'total' },
              values: { ':room': total - licences, ':total': total },
            }
          : { expression: STILL_COUNTED },
      onConflict: 'licences_changed',
    },
    ...(administrators > 0
      ? [{ update: tenantKey(tenant), set: adding([['activeAdministrators', administrators]]) }]
      : []),
  ];
}
