import * as v from 'valibot';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import { OWED_MINUTES } from '../../shared/store/owed-mails.ts';

const whole = (least: number, most: number) =>
  v.pipe(
    v.number('must be a number'),
    v.integer('must be a whole number'),
    v.minValue(least, `must be at least ${least}`),
    v.maxValue(most, `must be at most ${most}`),
  );

/** What a run is asked to do; without any order it looks, and changes nothing. */
const ordersSchema = v.pipe(
  v.strictObject(
    {
      /** Wakes owed mails and retires Cognito users that no account points to. */
      repair: v.optional(v.boolean('must be true or false'), false),
      /** Mails a set-up link to accounts whose Cognito user is gone; their old password is forgotten. */
      sendLinks: v.optional(v.boolean('must be true or false'), false),
      /** This company alone. */
      tenant: v.optional(v.string('must be a sign-in name')),
      /** Goes on after this company: `next` of the run before. */
      after: v.optional(v.string('must be a sign-in name')),
      /** The daily run: goes on where the one before stopped for want of time, and notes where it stops itself. */
      resume: v.optional(v.boolean('must be true or false'), false),
      owedForMinutes: v.optional(whole(0, 43_200), OWED_MINUTES),
    },
    'must be an object',
  ),
  v.check(
    ({ sendLinks, repair }) => repair || !sendLinks,
    'sendLinks changes accounts: it needs repair to be true',
  ),
  v.check(
    ({ resume, tenant, after }) => !resume || (tenant === undefined && after === undefined),
    'resume is for all companies: it goes without tenant and after',
  ),
);
export type Orders = v.InferOutput<typeof ordersSchema>;

/** Why nothing was compared; `message` is for whoever gave the orders. */
export type OrdersRefusal = {
  readonly reason: 'orders_not_understood' | 'company_unknown';
  readonly message: string;
};

/** Every wrong order is named. */
export function readOrders(event: unknown): Decision<Orders, OrdersRefusal> {
  const parsed = v.safeParse(ordersSchema, event);
  if (parsed.success) return granted(parsed.output);
  const problems = parsed.issues.map((issue) => {
    const path = v.getDotPath(issue);
    if (path === null) return issue.message;
    return issue.expected === 'never' ? `${path} is unknown` : `${path} ${issue.message}`;
  });
  return refused({
    reason: 'orders_not_understood',
    message: `The orders cannot be followed: ${problems.join('; ')}.`,
  });
}
