import * as v from 'valibot';
import { employee, employeeSummary } from './employee-reply.ts';
import { employeeStateRoutes } from './employee-states.ts';
import {
  emailAddress,
  flag,
  flagText,
  id,
  idParams,
  integerText,
  line,
  notes,
  ofEmployee,
  optionalOrNull,
  page,
  roleIds,
  time,
  timeZone,
  userName,
  userType,
} from './fields.ts';
import { idList, searchText, wordList } from './list-fields.ts';
import { defineRoute } from './route.ts';
import { sort } from './sort.ts';
import { getThrottle, liftThrottle } from './throttle.ts';

const profile = {
  firstName: line(64),
  lastName: line(64),
  emailAddress: optionalOrNull(emailAddress),
  employeeNumber: optionalOrNull(line(32)),
  jobTitle: optionalOrNull(line(64)),
  department: optionalOrNull(line(64)),
  location: optionalOrNull(line(64)),
  timeZone: optionalOrNull(timeZone),
  notes: optionalOrNull(notes(2000)),
};

export const createEmployee = defineRoute({
  method: 'POST',
  path: '/v2/hr/employees',
  operationId: 'createEmployee',
  etag: true,
  summary: 'Create an employee, an external employee or an API employee; mail its set-up link if asked to',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  body: {
    encodings: ['json'],
    schema: v.strictObject({
      userName,
      userType,
      ...profile,
      isActive: v.optional(flag, true),
      isSso: v.optional(flag, false),
      securityRoleIds: v.optional(roleIds, []),
      sendInstructions: v.optional(flag, false),
    }),
  },
  reply: employee,
  refusals: [
    'user_name_taken',
    'licences_exhausted',
    'external_role_on_internal_user',
    'beyond_own_rights',
    'mail_address_missing',
    'account_inactive',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

/** By name costs a page; the others are sorted in memory, up to 20,000 employees. */
const EMPLOYEE_SORTS = [
  'Name',
  'UserName',
  'FirstName',
  'LastName',
  'EmailAddress',
  'EmployeeNumber',
  'UserType',
  'JobTitle',
  'Department',
  'Location',
  'IsActive',
  'CreatedOn',
  'ModifiedOn',
] as const;

export const listEmployees = defineRoute({
  method: 'GET',
  path: '/v2/hr/employees',
  operationId: 'listEmployees',
  summary:
    'HR > Employees: every employee of the company, API employees included; names in one order for all languages, by base letters (Adam, Åsa, Bob)',
  auth: 'bearer',
  right: { module: 'hr', action: 'view' },
  style: 'v2',
  query: v.strictObject({
    ...page,
    Exclude: v.optional(wordList),
    'Filter.Ids': v.optional(idList),
    'Filter.Name': v.optional(searchText),
    'Filter.UserType': v.optional(userType),
    'Filter.IsActive': v.optional(flagText),
    'Filter.Text': v.optional(searchText),
    'Filter.RoleId': v.optional(integerText(1, 2_147_483_647)),
    'Filter.Department': v.optional(line(64)),
    'Filter.HasApiAccess': v.optional(flagText),
    Sort: v.optional(sort(EMPLOYEE_SORTS)),
  }),
  reply: v.array(v.object(employeeSummary)),
  paged: true,
  refusals: ['invalid_fields', 'cursor_unusable'],
});

export const getEmployee = defineRoute({
  method: 'GET',
  path: '/v2/hr/employees/{id}',
  operationId: 'getEmployee',
  etag: true,
  summary: 'One employee',
  auth: 'bearer',
  right: { module: 'hr', action: 'view' },
  style: 'v2',
  params: idParams,
  reply: v.object({
    ...employee.entries,
    /** Null where there was none within the audit's retention. */
    lastSignIn: v.nullable(time),
    lastTokenAt: v.nullable(time),
  }),
  refusals: ['employee_unknown'],
});

export const updateEmployee = defineRoute({
  method: 'PATCH',
  path: '/v2/hr/employees/{id}',
  operationId: 'updateEmployee',
  etag: true,
  conditional: true,
  summary: 'Change an employee; what is left out stays, null clears',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  ...ofEmployee,
  body: {
    encodings: ['json'],
    schema: v.pipe(
      v.strictObject({
        ...profile,
        userName: v.optional(userName),
        firstName: v.optional(profile.firstName),
        lastName: v.optional(profile.lastName),
        userType: v.optional(userType),
        isActive: v.optional(flag),
        isSso: v.optional(flag),
        securityRoleIds: v.optional(roleIds),
      }),
      v.check((body) => Object.keys(body).length > 0, 'the body names no field to change'),
    ),
  },
  reply: employee,
  refusals: [
    'employee_unknown',
    'user_name_taken',
    'user_type_final',
    'conversion_to_api_employee',
    'licences_exhausted',
    'external_role_on_internal_user',
    'last_administrator',
    'own_roles',
    'own_identity',
    'beyond_own_rights',
    'stale',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const resetInstructions = defineRoute({
  method: 'POST',
  path: '/v2/hr/employees/{id}/resetinstructions',
  operationId: 'resetInstructions',
  etag: true,
  summary: 'Reset and send instructions: mail the employee a link to create a new password',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  ...ofEmployee,
  conditional: true,
  reply: v.object({ id, emailAddress: v.string(), linkValidMinutes: v.number() }),
  refusals: [
    'employee_unknown',
    'mail_address_missing',
    'account_inactive',
    'beyond_own_rights',
    'stale',
    'changed_meanwhile',
    'invalid_fields',
  ],
});

export const employeeRoutes = [
  createEmployee,
  listEmployees,
  getEmployee,
  updateEmployee,
  resetInstructions,
  ...employeeStateRoutes,
  getThrottle,
  liftThrottle,
];
