import {
  AdminInitiateAuthCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

/**
 * The calls of one token request and of its init, made with both clients as their documentation makes them, and
 * nothing else: no parsing, rules, audit record or log.
 */
const table = new DynamoDBClient({});
const pool = new CognitoIdentityProviderClient({});
const { TABLE_NAME = '', USER_POOL_ID, API_CLIENT_ID } = process.env;
const tenant = { PK: { S: 'TENANT#acme' }, SK: { S: 'TENANT' } };
const read = (key: typeof tenant) =>
  table.send(
    new BatchGetItemCommand({ RequestItems: { [TABLE_NAME]: { Keys: [key], ConsistentRead: true } } }),
  );

await Promise.all([
  read({ PK: { S: 'TENANT#-' }, SK: { S: 'TENANT' } }),
  read({ PK: { S: 'TENANT#-' }, SK: { S: 'LOGIN#nobody' } }),
  pool.send(new DescribeUserPoolClientCommand({ UserPoolId: USER_POOL_ID, ClientId: API_CLIENT_ID })),
]);

export async function handler() {
  await Promise.all([
    read(tenant),
    table.send(
      new UpdateItemCommand({
        TableName: TABLE_NAME,
        Key: { PK: { S: 'ATTEMPTS#acme' }, SK: { S: 'NETWORK#192.0.2.1' } },
        UpdateExpression: 'ADD failures :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValues: 'ALL_NEW',
      }),
    ),
  ]);
  await pool.send(
    new AdminInitiateAuthCommand({
      UserPoolId: USER_POOL_ID,
      ClientId: API_CLIENT_ID,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'acme.7.a', PASSWORD: 'seventeen quiet lanterns', SECRET_HASH: 'x' },
    }),
  );
  await table.send(
    new BatchWriteItemCommand({ RequestItems: { [TABLE_NAME]: [{ PutRequest: { Item: tenant } }] } }),
  );
  return { statusCode: 200 };
}
