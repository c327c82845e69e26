import {
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { expect, it } from 'vitest';
import { setup } from './setup.ts';

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_ListUserPoolClients.html
it('lists the app clients by name, without their secrets', async () => {
  const { sdk, pool } = await setup();
  const { UserPoolClients } = await sdk.send(new ListUserPoolClientsCommand({ UserPoolId: pool.poolId }));
  expect(UserPoolClients?.map((client) => client.ClientName).sort()).toEqual(['api', 'gateway']);
  expect(JSON.stringify(UserPoolClients)).not.toContain(pool.clients.api.secret);
});

// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeUserPoolClient.html
it('describes an app client, its secret included', async () => {
  const { sdk, pool } = await setup();
  const { UserPoolClient } = await sdk.send(
    new DescribeUserPoolClientCommand({ UserPoolId: pool.poolId, ClientId: pool.clients.api.id }),
  );
  expect(UserPoolClient).toMatchObject({ ClientName: 'api', ClientSecret: pool.clients.api.secret });
});
