import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { answerCode } from '../../shared/identity/second-factor.ts';
import { checkPassword, type Tokens } from '../../shared/identity/user-pool.ts';
import type { CredentialRefusal } from '../../shared/refusal.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { foldName } from '../../shared/rules/names.ts';
import { parseCode } from '../../shared/rules/second-factor.ts';
import { handBack, releaseItems, reserveAttempt, returnReservation } from '../../shared/store/attempts.ts';
import { type AuditAction, type AuditRecord, auditItem, type Origin } from '../../shared/store/audit.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { batchWrite, putItem, type Table } from '../../shared/store/table.ts';
import { countThrottled } from '../../shared/store/throttled.ts';
import type { At, Deps } from './deps.ts';

export type ConfirmRefusal = Extract<
  CredentialRefusal,
  { reason: 'credentials_wrong' | 'throttled' | 'mfa_code_wrong' }
>;

/** Right; with tokens of the gateway's client where Cognito asked for nothing else, or the code was right too. */
export type Confirmed = { readonly tokens?: Tokens; readonly codePassed: boolean };

type Proof = { readonly password: string; readonly code?: string };

/**
 * Asks for the password again before something that matters, with the same budget of guesses as a sign-in (S5).
 * With a code the second factor is asked for too, where there is one. Failures are audited here; what follows a
 * success audits itself.
 */
export async function confirmPassword(
  { table, pool }: Pick<Deps, 'table' | 'pool'>,
  employee: EmployeeItem,
  { password, code }: Proof,
  { origin, now }: At,
  action: AuditAction,
): Promise<Decision<Confirmed, ConfirmRefusal>> {
  const { tenant, id: employeeId, generation } = employee;
  if (generation === undefined) throw new Error('Somebody without a password is signed in');
  const record = { tenant, at: now, action, employeeId, origin };
  const fail = auditFailure(table, record, employee.createdOn);
  // Nothing to judge: Cognito takes no empty password, and a field left out is no guess.
  if (password === '') return refused({ reason: 'credentials_wrong' });
  const account = { tenant, folded: foldName(employee.userName), network: origin.network };
  const reservation = await reserveAttempt(table, account, now);
  if (!reservation.ok) return fail(reservation.refusal);
  const userName = cognitoUserName({ tenant, employeeId, generation });
  const orHandBack = handBack(table, reservation.value);
  const check = await checkPassword(pool, 'gateway', userName, password).catch(orHandBack);
  if (check.outcome === 'wrong') return fail({ reason: 'credentials_wrong' });
  const release = releaseItems(reservation.value, now);
  if (check.outcome === 'right') {
    await batchWrite(table, release.puts, release.deletes).catch(orHandBack);
    return granted({ tokens: check.tokens, codePassed: false });
  }
  if (code === undefined) {
    await returnReservation(table, reservation.value);
    return granted({ codePassed: false });
  }
  const parsed = parseCode(code);
  const answer =
    parsed === undefined
      ? undefined
      : await answerCode(pool, 'gateway', { userName, ...check }, parsed).catch(orHandBack);
  if (answer?.outcome !== 'right') return fail({ reason: 'mfa_code_wrong' });
  await batchWrite(table, release.puts, release.deletes).catch(orHandBack);
  return granted({ tokens: answer.tokens, codePassed: true });
}

function auditFailure(
  table: Table,
  record: Pick<AuditRecord, 'tenant' | 'at' | 'action' | 'employeeId'> & { readonly origin: Origin },
  accountBegan: string,
) {
  return async <R extends ConfirmRefusal>(refusal: R) => {
    const actor = { kind: 'owner', id: record.employeeId } as const;
    const told = { ...record, outcome: 'refused', reason: refusal.reason, actor } as const;
    // Once throttled, however many come leave one record a minute.
    if (refusal.reason === 'throttled')
      await countThrottled(table, told, record.origin.network, accountBegan);
    else await putItem(table, auditItem(told));
    return refused(refusal);
  };
}
