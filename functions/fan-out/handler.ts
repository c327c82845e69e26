import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { environmentCredentials, readEnvironment } from '../../shared/config.ts';
import { fanOut } from './fan-out.ts';

const { USER_POOL_ID, EVENT_BUS_NAME } = readEnvironment(['USER_POOL_ID', 'EVENT_BUS_NAME']);
const settings = { credentials: environmentCredentials, maxAttempts: 3 };

export const handler = fanOut({
  client: new CognitoIdentityProviderClient(settings),
  poolId: USER_POOL_ID,
  bus: { client: new EventBridgeClient(settings), name: EVENT_BUS_NAME },
});
