import { type Call, endpoint } from '../../shared/http/call.ts';
import { createEmployee as route } from '../../shared/routes/employees.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { mayCreateEmployee } from '../../shared/rules/employee-changes.ts';
import { maySendInstructions } from '../../shared/rules/passwords.ts';
import { employeeActor } from '../../shared/store/audit.ts';
import { employeeChanges, profileFrom, rolesNamed } from '../../shared/store/employee-fields.ts';
import { createEmployee, newEmployee, readLicences } from '../../shared/store/employees.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { newReset } from '../../shared/store/resets.ts';
import { StoreBusyError, type Table } from '../../shared/store/table.ts';
import { employeeView } from './view.ts';

/** In each an id is drawn, which may be taken, and licences are read, which may be used up before the write. */
const ROUNDS = 4;

export const createEmployeeEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    const { tenant, facts: actor } = call.actor;
    const { body } = call;
    const roles = rolesNamed(tenant, body.securityRoleIds);
    if (!roles.ok) return roles;
    const account = {
      userType: body.userType,
      active: body.isActive,
      sso: body.isSso,
      emailAddress: body.emailAddress ?? undefined,
      roles: roles.value,
    };
    for (let round = 1; round <= ROUNDS; round += 1) {
      const licences = await readLicences(table, tenant.tenant);
      const decision = mayCreateEmployee({ account, licences, actor });
      if (!decision.ok) return decision;
      const mailable = body.sendInstructions ? maySendInstructions(account) : granted(null);
      if (!mailable.ok) return mailable;
      const employee = employeeFrom(call);
      const answer = { result: employeeView(tenant, employee), version: employee.version };
      const [conflict] = await createEmployee(table, employee, roles.value, {
        effects: decision.value,
        alongside: call.keep(answer),
        ...afterEffects(call, employee),
      });
      if (conflict === undefined) return granted(answer);
      if (conflict === 'user_name_taken') return refused({ reason: conflict, userName: body.userName });
      if (conflict === 'changed_meanwhile') return refused({ reason: conflict });
    }
    throw new StoreBusyError('Licences, or ids, were taken meanwhile');
  });

function employeeFrom({ body, actor, now }: Call<typeof route>): EmployeeItem {
  return {
    ...newEmployee(
      {
        tenant: actor.tenant.tenant,
        userName: body.userName,
        firstName: body.firstName,
        lastName: body.lastName,
        userType: body.userType,
        active: body.isActive,
        sso: body.isSso,
        roleIds: body.securityRoleIds,
        ...profileFrom(body),
      },
      now,
    ),
    ...(body.sendInstructions ? { instructionsState: 'pending', instructionsOn: now.toISOString() } : {}),
  };
}

function afterEffects({ body, actor, origin, now }: Call<typeof route>, employee: EmployeeItem) {
  const { tenant, id } = employee;
  return {
    audit: {
      tenant,
      at: now,
      action: 'employee.create',
      outcome: 'done',
      actor: employeeActor(actor.employee),
      origin,
      employeeId: id,
      changes: employeeChanges(undefined, employee),
    },
    ...(body.sendInstructions
      ? { reset: newReset({ tenant, employeeId: id, requestedBy: 'setup' }, now) }
      : {}),
  } as const;
}
