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
  refusals: ['employee_unknown'],
});

export const liftThrottle = defineRoute({
  method: 'DELETE',
  path: '/v2/hr/employees/{id}/throttle',
  operationId: 'liftThrottle',
  summary: 'Let an employee sign in again at once after failed sign-ins',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  ...ofEmployee,
  reply: throttle,
  refusals: ['employee_unknown', 'changed_meanwhile'],
});
