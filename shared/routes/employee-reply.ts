import * as v from 'valibot';
import { USER_TYPES } from '../rules/user-types.ts';
import { id, time } from './fields.ts';

/** An employee as HR > Employees lists it. */
export const employeeSummary = {
  id,
  userName: v.string(),
  firstName: v.string(),
  lastName: v.string(),
  emailAddress: v.nullable(v.string()),
  userType: v.picklist(USER_TYPES),
  isActive: v.boolean(),
  isSso: v.boolean(),
  employeeNumber: v.nullable(v.string()),
  jobTitle: v.nullable(v.string()),
  department: v.nullable(v.string()),
  location: v.nullable(v.string()),
  securityRoles: v.array(v.object({ id, name: v.string() })),
};

/** An employee in full. */
export const employee = v.object({
  ...employeeSummary,
  timeZone: v.nullable(v.string()),
  notes: v.nullable(v.string()),
  hasPassword: v.boolean(),
  /** The last mail with a link: `none`, `pending`, `sent`, `dropped` or `bounced`. */
  lastInstructions: v.object({
    state: v.picklist(['none', 'pending', 'sent', 'dropped', 'bounced']),
    at: v.nullable(time),
  }),
  /** Why mail to this address is in vain: it bounces, or its owner reported it as spam. */
  mailProblem: v.nullable(v.picklist(['bounced', 'complained_of'])),
  createdOn: time,
  modifiedOn: time,
});
