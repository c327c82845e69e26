import * as v from 'valibot';
import type { BearerActor } from '../../shared/http/call.ts';
import { problemOf } from '../../shared/http/input.ts';
import { tellRefusal } from '../../shared/http/refusals.ts';
import { createEmployee } from '../../shared/routes/employees.ts';
import { HELD_ROLES_MAX, TOO_MANY_ROLES } from '../../shared/routes/fields.ts';
import { mayCreateEmployee } from '../../shared/rules/employee-changes.ts';
import { foldName } from '../../shared/rules/names.ts';
import { maySendInstructions } from '../../shared/rules/passwords.ts';
import { parseUserType } from '../../shared/rules/user-types.ts';
import type { ImportRow } from '../../shared/store/imports.ts';
import type { TenantItem } from '../../shared/store/items.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { CsvRow } from './read-csv.ts';

export type BadRow = { readonly row: number; readonly problems: readonly string[] };
type Checked = { readonly rows: readonly ImportRow[]; readonly badRows: readonly BadRow[] };
type Context = { readonly actor: BearerActor; readonly sendInstructions: boolean };

/** Whether there are enough is a question for the whole file. */
const PLENTY_OF_LICENCES = { total: Number.POSITIVE_INFINITY, used: 0 };

/** Every row by the fields and the rules of a single creation; names that two rows share are told on the later. */
export function checkRows(rows: readonly CsvRow[], context: Context): Checked {
  const roleIds = roleIdsBySpelling(context.actor.tenant);
  const firstRowOf = new Map<string, number>();
  const good: ImportRow[] = [];
  const badRows: BadRow[] = [];
  for (const csvRow of rows) {
    const { row, cells } = csvRow;
    const checked = checkRow(csvRow, roleIds, context);
    const problems = [...csvRow.problems, ...(Array.isArray(checked) ? checked : [])];
    const folded = foldName(cells.userName ?? '');
    const twin = firstRowOf.get(folded);
    if (twin !== undefined && folded !== '') problems.push(`userName is that of row ${twin}`);
    else firstRowOf.set(folded, row);
    if (problems.length > 0 || Array.isArray(checked)) badRows.push({ row, problems });
    else good.push(checked);
  }
  return { rows: good, badRows };
}

/** The row as it will be written, or all that is wrong with it. */
function checkRow(
  { row, cells }: CsvRow,
  roleIds: RoleIds,
  { actor, sendInstructions }: Context,
): ImportRow | string[] {
  const { securityRoles, isActive, isSso, ...texts } = cells;
  const named = roleIdsOf(roleIds, securityRoles);
  const parsed = v.safeParse(createEmployee.body.schema, {
    ...texts,
    ...(isActive === undefined ? {} : { isActive: flagOf(isActive) }),
    ...(isSso === undefined ? {} : { isSso: flagOf(isSso) }),
    securityRoleIds: named.ids,
  });
  const fields = parsed.success ? parsed.output : undefined;
  const roles = rolesOf(actor.tenant, [...new Set(named.ids)]);
  const userType = fields?.userType ?? parseUserType(texts.userType ?? '');
  // What the roles forbid is told beside fields that are wrong, too: else it would come up at the next try.
  const decision =
    userType &&
    mayCreateEmployee({
      account: {
        userType,
        active: fields?.isActive ?? true,
        sso: fields?.isSso ?? false,
        emailAddress: fields?.emailAddress ?? undefined,
        roles,
      },
      licences: PLENTY_OF_LICENCES,
      actor: actor.facts,
    });
  const mailed = sendInstructions && fields?.isActive === true;
  const unmailable =
    mailed && !maySendInstructions({ active: true, emailAddress: fields.emailAddress ?? undefined }).ok;
  const problems = [
    ...named.problems,
    ...(parsed.success ? [] : parsed.issues.map((issue) => columnNamed(problemOf(issue)))),
    ...(decision && !decision.ok ? [forbidden(decision.refusal)] : []),
    ...(unmailable ? ['emailAddress is needed to send instructions'] : []),
  ];
  return problems.length === 0 && fields && decision?.ok
    ? { row, fields, roles, effects: decision.value, mailed }
    : problems;
}

/** Where a single creation takes ids, the file has a column of names. */
const columnNamed = (problem: string) => problem.replace(/^securityRoleIds\b/, 'securityRoles');

/** What the roles of a row forbid; which roles, the message may leave to the fields of a single creation. */
function forbidden(refusal: Extract<ReturnType<typeof mayCreateEmployee>, { ok: false }>['refusal']): string {
  const { message } = tellRefusal(refusal);
  return refusal.reason === 'external_role_on_internal_user'
    ? `securityRoles: ${message} (${refusal.roles.join(', ')})`
    : `securityRoles: ${message}`;
}

/** Spreadsheets write TRUE, people write yes. */
function flagOf(text: string): boolean | string {
  const word = text.trim().toLowerCase();
  if (['true', 'yes', '1'].includes(word)) return true;
  return ['false', 'no', '0'].includes(word) ? false : text;
}

type RoleIds = ReadonlyMap<string, ReadonlySet<number>>;

/** Which roles a text may mean, by id or by folded name. Folded once: a file names roles thousands of times. */
function roleIdsBySpelling(tenant: TenantItem): RoleIds {
  const meant = new Map<string, Set<number>>();
  for (const { id, name } of Object.values(tenant.roles)) {
    for (const spelling of [String(id), foldName(name)]) {
      meant.set(spelling, (meant.get(spelling) ?? new Set()).add(id));
    }
  }
  return meant;
}

function roleIdsOf(roleIds: RoleIds, cell = ''): { ids: number[]; problems: string[] } {
  const wanted = cell
    .split(/[;|]/)
    .map((name) => name.trim())
    .filter((name) => name !== '');
  // A sentence for each of a million names would be no answer.
  if (wanted.length > HELD_ROLES_MAX) return { ids: [], problems: [`securityRoles ${TOO_MANY_ROLES}`] };
  const ids: number[] = [];
  const problems: string[] = [];
  for (const name of wanted) {
    const meant = roleIds.get(foldName(name)) ?? new Set();
    const [id] = meant;
    const told = name.replace(/[^\p{L}\p{N}_. -]/gu, '?').slice(0, 50);
    if (id === undefined) problems.push(`securityRoles names a role that does not exist: ${told}`);
    else if (meant.size === 1) ids.push(id);
    else {
      // Guessing could give a right that nobody meant to give.
      problems.push(
        `securityRoles is not clear: ${told} is the id of one role and the name of another; give the name of the first, or the id of the second`,
      );
    }
  }
  return { ids, problems };
}
