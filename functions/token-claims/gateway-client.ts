import type { CognitoClient } from '../../shared/aws/cognito.ts';

/** Ids of the gateway's app client in a pool; throws when they cannot be found out. */
export type FindGatewayClient = (poolId: string) => Promise<string>;

const PAGE_SIZE = 60;

/**
 * The pool names its trigger and so cannot be named in the trigger's own environment without going in a circle;
 * the clients are asked for instead, once for each environment of the function. A failure is not kept.
 */
export function gatewayClientFinder(client: CognitoClient): FindGatewayClient {
  let found: Promise<string> | undefined;
  return (poolId) => {
    found ??= findGatewayClient(client, poolId).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
}

async function findGatewayClient(client: CognitoClient, poolId: string): Promise<string> {
  let NextToken: string | undefined;
  do {
    const page = await client.call('ListUserPoolClients', {
      UserPoolId: poolId,
      MaxResults: PAGE_SIZE,
      NextToken,
    });
    const gateway = page.UserPoolClients?.find(({ ClientName }) => /(^|-)gateway$/.test(ClientName ?? ''));
    if (gateway?.ClientId !== undefined) return gateway.ClientId;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  throw new Error('The user pool has no gateway client');
}
