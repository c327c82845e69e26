import { type Call, endpoint } from '../../shared/http/call.ts';
import { updateEmployee as route } from '../../shared/routes/employees.ts';
import { profileFrom } from '../../shared/store/employee-fields.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import type { Table } from '../../shared/store/table.ts';
import { change } from './change.ts';

export const updateEmployeeEndpoint = (table: Table) =>
  endpoint(route, (call) => change(table, call, 'employee.update', (before) => edited(before, call)));

function edited(before: EmployeeItem, { body }: Call<typeof route>): EmployeeItem {
  const { emailAddress, employeeNumber, jobTitle, department, location, timeZone, notes, ...kept } = before;
  const profile = { emailAddress, employeeNumber, jobTitle, department, location, timeZone, notes };
  return {
    ...kept,
    ...profileFrom(body, profile),
    userName: body.userName ?? before.userName,
    firstName: body.firstName ?? before.firstName,
    lastName: body.lastName ?? before.lastName,
    userType: body.userType ?? before.userType,
    active: body.isActive ?? before.active,
    sso: body.isSso ?? before.sso,
    roleIds: body.securityRoleIds ?? before.roleIds,
  };
}
