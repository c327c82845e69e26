import * as v from 'valibot';
import { flagText, id, idParams, integerText } from './fields.ts';
import { idList, numberedPage, searchText, wordList } from './list-fields.ts';
import { defineRoute } from './route.ts';

/**
 * The pickers of PSA V2. Every colleague fills in forms with them, so they ask for no right but of External
 * Employees (docs/decisions). API Employees are in none of them (M11), inactive people where asked for.
 */
const picker = {
  method: 'GET',
  auth: 'bearer',
  right: null,
  externalRight: { module: 'hr', action: 'view' },
  style: 'v2',
  refusals: [],
} as const;

const PAGE_SIZE_MAX = 500;
const list = { ...numberedPage(PAGE_SIZE_MAX), Exclude: v.optional(wordList) };
const filters = { 'Filter.Ids': v.optional(idList), 'Filter.Name': v.optional(searchText) };
const text = v.nullable(v.string());

export const lookUpEmployees = defineRoute({
  ...picker,
  path: '/v2/hr/employees/lookup',
  operationId: 'lookUpEmployees',
  summary: 'Picker of active employees, by name',
  query: v.strictObject({ ...list, ...filters }),
  reply: v.array(v.object({ id, name: v.string() })),
  paged: true,
});

export const searchEmployees = defineRoute({
  ...picker,
  path: '/v2/hr/employees/searchselect',
  operationId: 'searchEmployees',
  summary: 'Picker of employees by part of name, user name, mail address or job title; active unless asked',
  query: v.strictObject({
    ...list,
    'Filter.Ids': v.optional(idList),
    'Filter.Filter_Text': v.optional(searchText),
    'Filter.IsActive': v.optional(flagText),
  }),
  reply: v.array(
    v.object({
      id,
      firstName: v.string(),
      lastName: v.string(),
      emailAddress: text,
      username: v.string(),
      jobTitle: text,
      isActive: v.boolean(),
    }),
  ),
  paged: true,
});

export const listAssignees = defineRoute({
  ...picker,
  path: '/v2/hr/assignees',
  operationId: 'listAssignees',
  summary: 'Whom work can be assigned to: active people, by name',
  query: v.strictObject({
    ...list,
    Name: v.optional(searchText),
    Ids: v.optional(idList),
    EmployeesOnly: v.optional(flagText),
  }),
  reply: v.array(
    v.object({
      id,
      firstName: v.string(),
      lastName: v.string(),
      name: v.string(),
      emailAddress: text,
      pictureName: text,
      pictureUrl: text,
    }),
  ),
  paged: true,
});

export const lookUpAssignees = defineRoute({
  ...picker,
  path: '/v2/hr/assignees/lookup',
  operationId: 'lookUpAssignees',
  summary: 'Picker of assignees, by name',
  query: v.strictObject({
    ...list,
    ...filters,
    'Filter.ExcludedIds': v.optional(idList),
    /** Without effect: this system has no accounts, so everybody works for each. */
    'Filter.AccountId': v.optional(integerText(0, 2_147_483_647)),
  }),
  reply: v.array(
    v.object({
      id,
      name: v.string(),
      url: text,
      emailAddress: text,
      jobTitle: text,
      pictureName: text,
      pictureURL: text,
    }),
  ),
  paged: true,
});

export const countAssignees = defineRoute({
  ...picker,
  path: '/v2/hr/assignees/count',
  operationId: 'countAssignees',
  summary: 'How many assignees there are',
  reply: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

export const listAssigneeRoles = defineRoute({
  ...picker,
  path: '/v2/hr/assignees/{assigneeId}/roles',
  operationId: 'listAssigneeRoles',
  summary: 'The security roles of an assignee; the first one given is the default',
  params: v.strictObject({ assigneeId: idParams.entries.id }),
  reply: v.array(v.object({ id, name: v.string(), isDefault: v.boolean() })),
  refusals: ['employee_unknown'],
});

export const lookUpDepartments = defineRoute({
  ...picker,
  path: '/v2/admin/hr/departments/lookup',
  operationId: 'lookUpDepartments',
  summary: 'Picker of the departments that active people are in, by name',
  query: v.strictObject({ ...list, ...filters }),
  reply: v.array(v.object({ id, name: v.string() })),
  paged: true,
});

export const lookUpJobTitles = defineRoute({
  ...picker,
  path: '/v2/admin/hr/jobtitles/lookup',
  operationId: 'lookUpJobTitles',
  summary: 'Picker of the job titles that people have, by name; active are those of active people',
  query: v.strictObject({ ...list, ...filters }),
  reply: v.array(v.object({ id, name: v.string(), isActive: v.boolean() })),
  paged: true,
});

export const lookupRoutes = [
  lookUpEmployees,
  searchEmployees,
  listAssignees,
  lookUpAssignees,
  countAssignees,
  listAssigneeRoles,
  lookUpDepartments,
  lookUpJobTitles,
];
