/** The calls of AWS of one token request, through clients made as their documentation makes them. */
import {
  AdminInitiateAuthCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

const dynamodb = new DynamoDBClient({});
const cognito = new CognitoIdentityProviderClient({});
const table = process.env.TABLE_NAME;
const key = { PK: { S: 'TENANT#acme' }, SK: { S: 'TENANT' } };

export async function issueToken() {
  await Promise.all([
    dynamodb.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [key] } } })),
    dynamodb.send(new UpdateItemCommand({ TableName: table, Key: key })),
  ]);
  const { AuthenticationResult } = await cognito.send(
    new AdminInitiateAuthCommand({
      UserPoolId: process.env.USER_POOL_ID,
      ClientId: process.env.API_CLIENT_ID,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'bot', PASSWORD: 'seventeen quiet lanterns' },
    }),
  );
  const put = { PutRequest: { Item: key } };
  await dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [table]: [put] } }));
  return { access_token: AuthenticationResult.AccessToken, token_type: 'Bearer', expires_in: 3600 };
}
