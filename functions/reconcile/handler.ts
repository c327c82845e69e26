import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { systemClock } from '../../shared/clock.ts';
import { environmentCredentials, readEnvironment } from '../../shared/config.ts';
import { openTable } from '../../shared/store/table.ts';
import { reconcile } from './reconcile.ts';

const { TABLE_NAME, USER_POOL_ID } = readEnvironment(['TABLE_NAME', 'USER_POOL_ID']);

export const handler = reconcile({
  table: openTable(TABLE_NAME),
  client: new CognitoIdentityProviderClient({ credentials: environmentCredentials, maxAttempts: 5 }),
  poolId: USER_POOL_ID,
  clock: systemClock,
});
