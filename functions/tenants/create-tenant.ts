import { type Call, endpoint } from '../../shared/http/call.ts';
import { newSecret } from '../../shared/ids.ts';
import { createTenant as route } from '../../shared/routes/tenants.ts';
import { ADMINISTRATOR_ROLE_ID, builtInRoles } from '../../shared/rules/built-in-roles.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { tenantSlug } from '../../shared/rules/names.ts';
import { employeeChanges } from '../../shared/store/employee-fields.ts';
import { newEmployee } from '../../shared/store/employees.ts';
import type { EmployeeItem, LicencesItem, TenantItem } from '../../shared/store/items.ts';
import { newReset } from '../../shared/store/resets.ts';
import type { Table } from '../../shared/store/table.ts';
import { createTenant } from '../../shared/store/tenants.ts';
import { tenantView } from './view.ts';

/** A tenant, its built-in roles, its licences and its first Administrator, who is mailed a set-up link. */
export const createTenantEndpoint = (table: Table) =>
  endpoint(route, async (call) => {
    const { body, now } = call;
    const name = tenantSlug(body.tenant ?? body.company);
    if (name === '') {
      return refused({ reason: 'company_unusable', field: body.tenant === undefined ? 'company' : 'tenant' });
    }
    const tenant = tenantFrom(name, call);
    const administrator = administratorOf(name, call);
    const reset = newReset({ tenant: name, employeeId: administrator.id, requestedBy: 'setup' }, now);
    const licences: LicencesItem = {
      schema: 1,
      type: 'licences',
      total: body.licences,
      used: 1,
      EmployeeActive: 1,
    };
    const { id, userName } = administrator;
    const answer = { result: { ...tenantView(tenant, licences), administrator: { id, userName } } };
    const conflicts = await createTenant(table, tenant, licences, administrator, {
      reset,
      audit: auditOf(call, tenant, administrator),
      alongside: call.keep(answer),
    });
    if (conflicts.includes('changed_meanwhile')) return refused({ reason: 'changed_meanwhile' });
    return conflicts.length > 0 ? refused({ reason: 'company_taken', tenant: name }) : granted(answer);
  });

function tenantFrom(name: string, { body, now }: Call<typeof route>): TenantItem {
  return {
    schema: 1,
    type: 'tenant',
    tenant: name,
    company: body.company,
    timeZone: body.timeZone,
    active: true,
    requireMfa: false,
    activeAdministrators: 1,
    roles: Object.fromEntries(builtInRoles().map((role) => [String(role.id), role])),
    rolesVersion: 1,
    auditKey: newSecret(),
    version: 1,
    createdOn: now.toISOString(),
  };
}

function administratorOf(tenant: string, { body, now }: Call<typeof route>): EmployeeItem {
  return {
    ...newEmployee(
      {
        tenant,
        ...body.administrator,
        userType: 'Employee',
        active: true,
        sso: false,
        roleIds: [ADMINISTRATOR_ROLE_ID],
      },
      now,
    ),
    instructionsState: 'pending',
    instructionsOn: now.toISOString(),
  };
}

function auditOf(
  { actor, origin, now }: Call<typeof route>,
  tenant: TenantItem,
  administrator: EmployeeItem,
) {
  const common = {
    tenant: tenant.tenant,
    at: now,
    outcome: 'done',
    actor: { kind: 'operator', arn: actor.arn },
    origin,
  } as const;
  return [
    { ...common, action: 'tenant.create', subject: { kind: 'tenant', id: tenant.tenant } },
    {
      ...common,
      action: 'employee.create',
      employeeId: administrator.id,
      changes: employeeChanges(undefined, administrator),
    },
  ] as const;
}
