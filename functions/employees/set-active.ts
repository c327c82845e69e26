import { type Call, endpoint, type Outcome } from '../../shared/http/call.ts';
import { activateEmployee, deactivateEmployee } from '../../shared/routes/employee-states.ts';
import type { Table } from '../../shared/store/table.ts';
import { change } from './change.ts';

type StateRoute = typeof activateEmployee | typeof deactivateEmployee;

export const activateEmployeeEndpoint = (table: Table) =>
  endpoint(activateEmployee, (call) => setActive(table, call, true));

/** Every token is dead on the next call, and stays dead when the account is activated again (M18). */
export const deactivateEmployeeEndpoint = (table: Table) =>
  endpoint(deactivateEmployee, (call) => setActive(table, call, false));

async function setActive(
  table: Table,
  call: Call<StateRoute>,
  active: boolean,
): Promise<Outcome<StateRoute>> {
  const action = active ? 'employee.activate' : 'employee.deactivate';
  const outcome = await change(table, call, action, (before) => ({ ...before, active }));
  if (outcome.ok) return outcome;
  const { refusal } = outcome;
  switch (refusal.reason) {
    case 'user_name_taken':
    case 'user_type_final':
    case 'conversion_to_api_employee':
    case 'own_roles':
    case 'own_identity':
      throw new Error('Neither name, address, type nor roles are edited here');
    default:
      return { ok: false, refusal };
  }
}
