import { cognitoClient } from '../../shared/aws/cognito.ts';
import { gatewayClientFinder } from './gateway-client.ts';
import { tokenClaims } from './token-claims.ts';

// Pauses after throttling come to a second and a half at most, of the five that Cognito waits.
const client = cognitoClient({ maxAttempts: 3 });

export const handler = tokenClaims(gatewayClientFinder(client));
