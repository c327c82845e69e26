import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { type Precondition, whileExpected } from '../../shared/http/etag.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { switchTotp } from '../../shared/identity/second-factor.ts';
import { resetFactor } from '../../shared/routes/passwords.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { withinOwnRights } from '../../shared/rules/employee-changes.ts';
import { isApiEmployee } from '../../shared/rules/user-types.ts';
import { employeeActor } from '../../shared/store/audit.ts';
import { readEmployee, VERSION_AS_READ } from '../../shared/store/employees.ts';
import { removeFactor } from '../../shared/store/second-factors.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Deps } from './deps.ts';

/** For a lost phone. Answers the same when there is no factor: a first try that broke off can be repeated. */
export const resetFactorEndpoint = ({ table, pool }: Deps) =>
  endpoint(resetFactor, (call) =>
    whileExpected(call.headers, (expected) => resetOnce({ table, pool }, call, expected)),
  );

async function resetOnce(
  { table, pool }: Pick<Deps, 'table' | 'pool'>,
  { actor, params, origin, now }: Call<typeof resetFactor>,
  expected: Precondition,
): Promise<Outcome<typeof resetFactor>> {
  const { tenant } = actor.tenant;
  const employee = await readEmployee(table, tenant, params.id);
  if (employee === undefined) return refused({ reason: 'employee_unknown' });
  if (!expected(employee.version)) return refused({ reason: 'stale' });
  if (isApiEmployee(employee.userType)) return refused({ reason: 'no_factor_for_api_employee' });
  const reach = withinOwnRights(actor.facts, rolesOf(actor.tenant, employee.roleIds));
  if (!reach.ok) return reach;
  if (!employee.active) return refused({ reason: 'account_inactive' });
  const { id, generation, version } = employee;
  // Without a password there is no user in the pool, and so no factor.
  if (generation === undefined) return granted({ result: { id }, version });
  const audit = {
    tenant,
    at: now,
    action: 'factor.reset',
    outcome: 'done',
    actor: employeeActor(actor.employee),
    origin,
    employeeId: id,
  } as const;
  const removed = await removeFactor(table, employee, 'factor-reset', audit, VERSION_AS_READ(employee));
  if (!removed) return refused({ reason: 'changed_meanwhile' });
  await switchTotp(pool, cognitoUserName({ tenant, employeeId: id, generation }), false);
  return granted({ result: { id }, version: version + 1 });
}
