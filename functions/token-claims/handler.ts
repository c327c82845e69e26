import { cognitoClient } from '../../shared/aws/cognito.ts';
import { gatewayClientFinder } from './gateway-client.ts';
import { tokenClaims } from './token-claims.ts';

const client = cognitoClient({ maxAttempts: 2 });

export const handler = tokenClaims(gatewayClientFinder(client));
