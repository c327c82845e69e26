import * as v from 'valibot';
import { idParams, ofEmployee, time } from './fields.ts';
import { defineRoute } from './route.ts';

const throttle = v.object({
  isThrottled: v.boolean(),
  networks: v.array(
    v.object({
      /** Null: all networks together from which the account never signed in. */
      network: v.nullable(v.string()),
      failures: v.number(),
      guessesToday: v.number(),
      throttledUntil: v.nullable(time),
      /** Null: a lift lets attempts through at once, or there is nothing to lift. */
      throttledUntilOnceLifted: v.nullable(time),
    }),
  ),
});

export const getThrottle = defineRoute({
  method: 'GET',
  path: '/v2/hr/employees/{id}/throttle',
  operationId: 'getThrottle',
  summary: 'Failed sign-ins that are counted against an employee, and until when further ones are held off',
  auth: 'bearer',
  right: { module: 'hr', action: 'view' },
  style: 'v2',
  params: idParams,
  reply: throttle,
  refusals: ['employee_unknown', 'beyond_own_rights'],
});

export const liftThrottle = defineRoute({
  method: 'DELETE',
  path: '/v2/hr/employees/{id}/throttle',
  operationId: 'liftThrottle',
  summary:
    'End the doubled waits after failed sign-ins; those of 15 minutes, and of 100 guesses a day, stand',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  ...ofEmployee,
  reply: throttle,
  refusals: ['employee_unknown', 'beyond_own_rights', 'changed_meanwhile'],
});
