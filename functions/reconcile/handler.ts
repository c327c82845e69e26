import { cognitoClient } from '../../shared/aws/cognito.ts';
import { systemClock } from '../../shared/clock.ts';
import { readEnvironment } from '../../shared/config.ts';
import { openTable } from '../../shared/store/table.ts';
import { reconcile } from './reconcile.ts';

const { TABLE_NAME, USER_POOL_ID } = readEnvironment(['TABLE_NAME', 'USER_POOL_ID']);

export const handler = reconcile({
  table: openTable(TABLE_NAME),
  client: cognitoClient({ maxAttempts: 5 }),
  poolId: USER_POOL_ID,
  clock: systemClock,
});
