import { requireClient, requirePool } from './clients.ts';
import type { AppClient } from './identity.ts';
import type { Input } from './input.ts';
import type { Pool } from './pool.ts';

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPoolClients.html: no secrets. */
export async function listUserPoolClients(pool: Pool, input: Input): Promise<object> {
  requirePool(pool, input);
  return { UserPoolClients: Object.values(pool.identity.clients).map((client) => summary(pool, client)) };
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPoolClient.html */
export async function describeUserPoolClient(pool: Pool, input: Input): Promise<object> {
  requirePool(pool, input);
  const client = requireClient(pool, input);
  const settings = pool.settings.clients[client.name];
  return {
    UserPoolClient: {
      ...summary(pool, client),
      ClientSecret: client.secret,
      ExplicitAuthFlows: settings.explicitAuthFlows,
      PreventUserExistenceErrors: settings.preventUserExistenceErrors,
      EnableTokenRevocation: settings.enableTokenRevocation,
      RefreshTokenValidity: settings.refreshTokenDays,
      AccessTokenValidity: settings.accessTokenMinutes,
      IdTokenValidity: settings.idTokenMinutes,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'days' },
    },
  };
}

function summary(pool: Pool, client: AppClient) {
  return { ClientId: client.id, ClientName: client.name, UserPoolId: pool.identity.poolId };
}
