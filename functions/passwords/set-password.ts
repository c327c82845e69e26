import { InvalidPasswordException } from '@aws-sdk/client-cognito-identity-provider';
import { epochSeconds, systemClock } from '../../shared/clock.ts';
import { endpoint } from '../../shared/http/call.ts';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { storePassword } from '../../shared/identity/user-pool.ts';
import { setPassword } from '../../shared/routes/passwords.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { withinOwnRights } from '../../shared/rules/employee-changes.ts';
import { maySetPasswordByHand } from '../../shared/rules/passwords.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { commitPasswordByHand, retireCredential } from '../../shared/store/resets.ts';
import { rolesOf } from '../../shared/store/sign-in.ts';
import { acceptPasswordFor, notStored } from './accounts.ts';
import type { Deps } from './deps.ts';
import { generationFor } from './redeem.ts';

/** M6: for people only. */
export const setPasswordEndpoint = ({ table, pool }: Deps) =>
  endpoint(setPassword, async ({ actor, params, body, origin, now }) => {
    const { tenant } = actor;
    const employee = await readEmployee(table, tenant.tenant, params.id);
    if (employee === undefined) return refused({ reason: 'employee_unknown' });
    const byHand = maySetPasswordByHand(employee.userType);
    if (!byHand.ok) return byHand;
    const reach = withinOwnRights(actor.facts, rolesOf(tenant, employee.roleIds));
    if (!reach.ok) return reach;
    if (!employee.active) return refused({ reason: 'account_inactive' });
    const accepted = acceptPasswordFor({ employee, tenant }, body.password);
    if (!accepted.ok) return accepted;
    const generation = generationFor(employee);
    const abandon = async () => {
      if (generation !== employee.generation) await retireCredential(table, employee, generation, now);
    };
    const cognitoUser = cognitoUserName({ tenant: tenant.tenant, employeeId: employee.id, generation });
    try {
      await storePassword(pool, cognitoUser, accepted.value);
    } catch (error) {
      await abandon().catch(() => undefined); // The first error is the one to tell.
      if (error instanceof InvalidPasswordException) return notStored();
      throw error;
    }
    const setAt = systemClock();
    const committed = await commitPasswordByHand(
      table,
      {
        employee,
        generation,
        tokensValidAfter: epochSeconds(setAt),
        audit: {
          tenant: tenant.tenant,
          at: setAt,
          action: 'password.set-by-admin',
          outcome: 'done',
          actor: { kind: 'employee', id: actor.employee.id, userType: actor.employee.userType },
          origin,
          employeeId: employee.id,
        },
      },
      setAt,
    );
    if (committed) return granted({ result: { id: employee.id } });
    await abandon();
    return refused({ reason: 'changed_meanwhile' });
  });
