import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { environmentCredentials, readEnvironment } from '../../shared/config.ts';
import { retireCredentials } from './retire-credentials.ts';

const { USER_POOL_ID } = readEnvironment(['USER_POOL_ID']);

export const handler = retireCredentials({
  client: new CognitoIdentityProviderClient({ credentials: environmentCredentials, maxAttempts: 3 }),
  poolId: USER_POOL_ID,
});
