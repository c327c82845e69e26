import { cognitoClient } from '../../shared/aws/cognito.ts';
import { eventBridgeClient } from '../../shared/aws/eventbridge.ts';
import { readEnvironment } from '../../shared/config.ts';
import { fanOut } from './fan-out.ts';

const { USER_POOL_ID, EVENT_BUS_NAME } = readEnvironment(['USER_POOL_ID', 'EVENT_BUS_NAME']);
const settings = { maxAttempts: 3 };

export const handler = fanOut({
  client: cognitoClient(settings),
  poolId: USER_POOL_ID,
  bus: { client: eventBridgeClient(settings), name: EVENT_BUS_NAME },
});
