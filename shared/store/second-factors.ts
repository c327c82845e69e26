import * as v from 'valibot';
import { epochSeconds } from '../clock.ts';
import { foldName } from '../rules/names.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { LOGIN_OF } from './employees.ts';
import { commonFields, type EmployeeItem } from './items.ts';
import { employeeKey, loginKey, pendingSignInKey, recoveryCodesKey } from './keys.ts';
import { lastUse } from './last-use.ts';
import { type Notice, oweNotice } from './notices.ts';
import { type PendingSignInItem, type SessionItem, sessionPut, spendPending } from './sessions.ts';
import { type Condition, getItem, type Table, transact, type Write } from './table.ts';

/** Hashes of the recovery codes that are left. DynamoDB drops an empty set. */
const recoveryCodesItem = v.object({
  ...commonFields,
  type: v.literal('recovery-codes'),
  tenant: v.string(),
  employeeId: v.number(),
  codes: v.optional(v.set(v.string())),
});

/**
 * The factor is on in the user pool; here it gets its mark and its recovery codes. Every session and token from
 * before it ends, and `session`, which follows, begins. Of two enrolments at once one passes.
 */
export async function commitFactor(
  table: Table,
  change: {
    readonly employee: EmployeeItem;
    readonly codeHashes: readonly string[];
    readonly tokensValidAfter: number;
    readonly session: SessionItem;
    readonly pending?: PendingSignInItem | undefined;
    readonly audit: AuditRecord;
  },
): Promise<boolean> {
  const { employee, pending, audit } = change;
  const { tenant, id } = employee;
  const conflicts = await transact<'lost'>(table, [
    ...accountWrites(
      employee,
      {
        expression: 'SET #secondFactorOn = :on, #tokensValidAfter = :after REMOVE #mustEnrol',
        names: NAMES,
        values: { ':on': audit.at.toISOString(), ':after': change.tokensValidAfter },
      },
      employee.secondFactorOn === undefined
        ? { expression: 'attribute_not_exists(#secondFactorOn)' }
        : { expression: '#secondFactorOn = :seenOn', values: { ':seenOn': employee.secondFactorOn } },
    ),
    { put: recoveryCodes(tenant, id, change.codeHashes) },
    sessionPut(change.session),
    ...(pending === undefined
      ? []
      : [spendPending(pending), { put: lastUse({ tenant, employeeId: id }, 'gateway.sign-in', audit.at) }]),
    oweNotice(employee, 'factor-added', audit.at),
    { put: auditItem(audit) },
  ]);
  return conflicts.length === 0;
}

/**
 * Takes the mark and the recovery codes away, and ends every session and token. It comes before the user pool is
 * told: whatever happens in between, the account is closed rather than open. Repeatable.
 */
export async function removeFactor(
  table: Table,
  employee: EmployeeItem,
  notice: Extract<Notice, 'factor-removed' | 'factor-reset'>,
  audit: AuditRecord,
  onlyIf?: Condition,
): Promise<boolean> {
  const removal = {
    expression: 'SET #tokensValidAfter = :after REMOVE #secondFactorOn, #mustEnrol',
    names: NAMES,
    values: { ':after': Math.max(employee.tokensValidAfter, epochSeconds(audit.at)) },
  };
  const conflicts = await transact<'lost'>(table, [
    ...accountWrites(employee, removal, onlyIf),
    { remove: recoveryCodesKey(employee.tenant, employee.id) },
    oweNotice(employee, notice, audit.at),
    { put: auditItem(audit) },
  ]);
  return conflicts.length === 0;
}

/**
 * Spends one recovery code (single use, by condition): the sign-in goes on to a new enrolment, which the account
 * owes from now on; every session and token up to `tokensValidAfter`, a second that is over, ends. The other codes stay
 * good until then, for the case that the user pool cannot be told now.
 */
export async function spendRecoveryCode(
  table: Table,
  employee: EmployeeItem,
  codeHash: string,
  pending: PendingSignInItem,
  tokensValidAfter: number,
  audit: AuditRecord,
): Promise<'spent' | 'wrong' | 'lost'> {
  const [conflict] = await transact<'wrong' | 'lost'>(table, [
    {
      update: recoveryCodesKey(employee.tenant, employee.id),
      set: {
        expression: 'DELETE #codes :spent',
        names: { '#codes': 'codes' },
        values: { ':spent': new Set([codeHash]) },
      },
      when: { expression: 'contains(#codes, :code)', values: { ':code': codeHash } },
      onConflict: 'wrong',
    },
    ...accountWrites(employee, {
      expression: 'SET #mustEnrol = :yes, #tokensValidAfter = :after REMOVE #secondFactorOn',
      names: NAMES,
      values: { ':yes': true, ':after': tokensValidAfter },
    }),
    {
      update: pendingSignInKey(pending.hash),
      set: {
        expression: 'SET #due = :enrolment, #startedAt = :started REMOVE #cognitoSession',
        names: { '#due': 'due', '#startedAt': 'startedAt', '#cognitoSession': 'cognitoSession' },
        values: { ':enrolment': 'enrolment', ':started': tokensValidAfter + 1 },
      },
      when: { expression: '#due = :code', values: { ':code': 'code' } },
      onConflict: 'lost',
    },
    oweNotice(employee, 'recovery-code-used', audit.at),
    { put: auditItem(audit) },
  ]);
  return conflict ?? 'spent';
}

/** New codes for a factor that is on as it was seen: never for one that was removed or reset in the meantime. */
export async function replaceRecoveryCodes(
  table: Table,
  employee: EmployeeItem,
  codeHashes: readonly string[],
  audit: AuditRecord,
): Promise<boolean> {
  const { tenant, id } = employee;
  const seen = await getItem(table, recoveryCodesKey(tenant, id), recoveryCodesItem);
  const [left] = seen?.codes ?? [];
  const conflicts = await transact<'lost'>(table, [
    {
      check: employeeKey(tenant, id),
      when: {
        expression: '#secondFactorOn = :seenOn AND attribute_not_exists(#mustEnrol)',
        names: { '#secondFactorOn': 'secondFactorOn', '#mustEnrol': 'mustEnrol' },
        values: { ':seenOn': employee.secondFactorOn },
      },
      onConflict: 'lost',
    },
    {
      put: recoveryCodes(tenant, id, codeHashes),
      // Of two that replace them at once, one shows codes that work, and the other is told.
      when:
        left === undefined
          ? { expression: 'attribute_not_exists(codes)' }
          : { expression: 'contains(codes, :left)', values: { ':left': left } },
      onConflict: 'lost',
    },
    oweNotice(employee, 'recovery-codes-renewed', audit.at),
    { put: auditItem(audit) },
  ]);
  return conflicts.length === 0;
}

function recoveryCodes(tenant: string, employeeId: number, codeHashes: readonly string[]) {
  return {
    ...recoveryCodesKey(tenant, employeeId),
    schema: 1,
    type: 'recovery-codes',
    tenant,
    employeeId,
    codes: new Set(codeHashes),
  };
}

export async function countRecoveryCodes(table: Table, employee: EmployeeItem): Promise<number> {
  const left = await getItem(table, recoveryCodesKey(employee.tenant, employee.id), recoveryCodesItem);
  return left?.codes?.size ?? 0;
}

const NAMES = {
  '#secondFactorOn': 'secondFactorOn',
  '#mustEnrol': 'mustEnrol',
  '#tokensValidAfter': 'tokensValidAfter',
} as const;

/**
 * The employee, with its version, and the sign-in name that says the same. A revocation since `employee` was read ends
 * what these writes go on from, and keeps its second: nothing is written (M18).
 */
function accountWrites(employee: EmployeeItem, set: Condition, onlyIf?: Condition): Write<'lost'>[] {
  const { tenant, id, generation } = employee;
  return [
    {
      update: employeeKey(tenant, id),
      set: {
        expression: `${set.expression} ADD #version :one`,
        names: { ...set.names, '#version': 'version' },
        values: { ...set.values, ':one': 1 },
      },
      when: {
        expression: `#active = :active AND #generation = :generation AND #tokensValidAfter = :seenAfter${
          onlyIf ? ` AND ${onlyIf.expression}` : ''
        }`,
        names: { '#active': 'active', '#generation': 'generation' },
        values: {
          ':active': true,
          ':generation': generation,
          ':seenAfter': employee.tokensValidAfter,
          ...onlyIf?.values,
        },
      },
      onConflict: 'lost',
    },
    {
      update: loginKey(tenant, foldName(employee.userName)),
      set,
      when: LOGIN_OF(id),
      onConflict: 'lost',
    },
  ];
}
