import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { environmentCredentials } from '../../shared/config.ts';
import { gatewayClientFinder } from './gateway-client.ts';
import { tokenClaims } from './token-claims.ts';

const client = new CognitoIdentityProviderClient({ credentials: environmentCredentials, maxAttempts: 2 });

export const handler = tokenClaims(gatewayClientFinder(client));
