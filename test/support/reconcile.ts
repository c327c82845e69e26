import type { Deps } from '../../functions/reconcile/deps.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import type { Report } from '../../functions/reconcile/report.ts';
import { cognitoClient } from '../../shared/aws/cognito.ts';
import { openTable } from '../../shared/store/table.ts';
import { useStackEnvironment } from './environment.ts';
import type { Tenant } from './world.ts';

/** Table and pool of the running stack. */
export function reconcileDeps(): Deps {
  const { TABLE_NAME, USER_POOL_ID } = useStackEnvironment();
  return {
    table: openTable(TABLE_NAME),
    client: cognitoClient({ maxAttempts: 3 }),
    poolId: USER_POOL_ID,
    clock: () => new Date(),
  };
}

export const MUCH_TIME = { getRemainingTimeInMillis: () => 900_000 };

export async function report(
  of: Deps,
  orders: object,
  context: typeof MUCH_TIME = MUCH_TIME,
): Promise<Report> {
  const answer = await reconcile(of)(orders, context);
  if ('refused' in answer) throw new Error(answer.refused);
  return answer;
}

/** One company's, as if it were made an hour later: nothing is too young then. */
export function runLater(deps: Deps, tenant: Tenant, orders: object = {}): Promise<Report> {
  const later = { ...deps, clock: () => new Date(Date.now() + 3_600_000) };
  return report(later, { tenant: tenant.name, ...orders });
}
