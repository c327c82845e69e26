import { epochSeconds, systemClock } from '../../shared/clock.ts';
import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { parseIfMatch } from '../../shared/http/etag.ts';
import { revokeTokens as route } from '../../shared/routes/employee-states.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { withinOwnRights } from '../../shared/rules/employee-changes.ts';
import { type AuditRecord, employeeActor } from '../../shared/store/audit.ts';
import { endTokens } from '../../shared/store/employee-ends.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import type { Table } from '../../shared/store/table.ts';

const ROUNDS = 6;

/**
 * Every token is dead on the next call (M18). A sign-in beside it may have its token issued in a second that
 * begins before the write is there; so when the clock has moved on since, the write is made once more. It is one act
 * all the same, with one record and one event.
 */
export const revokeTokensEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    const expected = parseIfMatch(call.headers['if-match']);
    if (!expected.ok) return expected;
    let done: Outcome<typeof route> | undefined;
    for (let round = 1; round <= ROUNDS; round += 1) {
      const at = systemClock();
      const outcome = await revokeOnce(table, call, at, expected.value, done !== undefined);
      if (outcome.ok) done = outcome;
      // Once done it stays done, whatever became of the account since.
      else if (outcome.refusal.reason !== 'changed_meanwhile') return done ?? outcome;
      if (outcome.ok && epochSeconds(systemClock()) === epochSeconds(at)) return outcome;
    }
    return done ?? refused({ reason: 'changed_meanwhile' });
  });

async function revokeOnce(
  table: Table,
  { actor, params, origin }: Call<typeof route>,
  at: Date,
  expected: (version: number) => boolean,
  again: boolean,
): Promise<Outcome<typeof route>> {
  const { tenant } = actor;
  const employee = await readEmployee(table, tenant.tenant, params.id);
  if (employee === undefined) return refused({ reason: 'employee_unknown' });
  // Once written, the version that the caller named is no longer the one that stands.
  if (!again && !expected(employee.version)) return refused({ reason: 'stale' });
  const reach = withinOwnRights(actor.facts, rolesOf(tenant, employee.roleIds));
  if (!reach.ok) return reach;
  const tokensValidAfter = epochSeconds(at);
  const audit: AuditRecord = {
    tenant: tenant.tenant,
    at,
    action: 'employee.revoke',
    outcome: 'done',
    actor: employeeActor(actor.employee),
    origin,
    employeeId: employee.id,
  };
  const [conflict] = await endTokens(table, employee, tokensValidAfter, again ? undefined : audit);
  if (conflict !== undefined) return refused({ reason: conflict });
  const revokedUntil = new Date(tokensValidAfter * 1000).toISOString();
  return granted({ result: { id: employee.id, revokedUntil }, version: employee.version + 1 });
}
