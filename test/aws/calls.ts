export type Service = 'dynamodb' | 'cognito-idp' | 'events';

export const KEY = { PK: { S: 'TENANT#ä' }, SK: { S: 'TENANT' } };
const POOL = { UserPoolId: 'eu-west-1_Example' };
export const USER = { ...POOL, Username: 'acme.7.a0' };

/** Every operation that is called, with an input as it is called with. */
export const CALLS: readonly (readonly [Service, string, object])[] = [
  ['dynamodb', 'BatchGetItem', { RequestItems: { t: { Keys: [KEY], ConsistentRead: true } } }],
  [
    'dynamodb',
    'BatchWriteItem',
    { RequestItems: { t: [{ PutRequest: { Item: KEY } }, { DeleteRequest: { Key: KEY } }] } },
  ],
  ['dynamodb', 'GetItem', { TableName: 't', Key: KEY, ConsistentRead: true }],
  [
    'dynamodb',
    'PutItem',
    {
      TableName: 't',
      Item: {
        ...KEY,
        n: { N: '1.5' },
        b: { BOOL: false },
        l: { L: [{ S: '' }, { NULL: true }] },
        m: { M: { inner: { S: '𝒳 "quoted" \\ \u2028' } } },
        ss: { SS: ['a', 'b'] },
      },
      ConditionExpression: 'attribute_not_exists(PK)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  ],
  [
    'dynamodb',
    'Query',
    {
      TableName: 't',
      IndexName: 'byName',
      KeyConditionExpression: 'listPK = :list',
      ExpressionAttributeValues: { ':list': { S: 'EMPLOYEES#acme' } },
      Limit: 20,
      ScanIndexForward: false,
      ExclusiveStartKey: KEY,
    },
  ],
  [
    'dynamodb',
    'TransactWriteItems',
    { TransactItems: [{ Delete: { TableName: 't', Key: KEY } }], ClientRequestToken: 'a-token' },
  ],
  [
    'dynamodb',
    'UpdateItem',
    {
      TableName: 't',
      Key: KEY,
      UpdateExpression: 'ADD #n :one',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
      ReturnValues: 'ALL_NEW',
    },
  ],
  ['cognito-idp', 'AdminCreateUser', { ...USER, MessageAction: 'SUPPRESS' }],
  ['cognito-idp', 'AdminDeleteUser', USER],
  ['cognito-idp', 'AdminDisableUser', USER],
  ['cognito-idp', 'AdminGetUser', USER],
  [
    'cognito-idp',
    'AdminInitiateAuth',
    {
      ...POOL,
      ClientId: 'client',
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: 'acme.7.a0', PASSWORD: 'pässword "with" signs', SECRET_HASH: 'hash' },
    },
  ],
  [
    'cognito-idp',
    'AdminRespondToAuthChallenge',
    {
      ...POOL,
      ClientId: 'client',
      ChallengeName: 'SOFTWARE_TOKEN_MFA',
      Session: 'session',
      ChallengeResponses: { USERNAME: 'acme.7.a0', SOFTWARE_TOKEN_MFA_CODE: '123456' },
    },
  ],
  [
    'cognito-idp',
    'AdminSetUserMFAPreference',
    { ...USER, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } },
  ],
  ['cognito-idp', 'AdminSetUserPassword', { ...USER, Password: 'pässword', Permanent: true }],
  ['cognito-idp', 'AssociateSoftwareToken', { AccessToken: 'access' }],
  ['cognito-idp', 'DescribeUserPoolClient', { ...POOL, ClientId: 'client' }],
  [
    'cognito-idp',
    'GetTokensFromRefreshToken',
    { ClientId: 'c', ClientSecret: 's', RefreshToken: 'r', ClientMetadata: { sign_in_id: 'first' } },
  ],
  ['cognito-idp', 'ListUserPoolClients', { ...POOL, MaxResults: 60, NextToken: undefined }],
  ['cognito-idp', 'ListUsers', { ...POOL, Limit: 60, Filter: 'username ^= "acme."' }],
  ['cognito-idp', 'VerifySoftwareToken', { AccessToken: 'access', UserCode: '123456' }],
  [
    'events',
    'PutEvents',
    { Entries: [{ EventBusName: 'bus', Source: 's', DetailType: 'Account Created', Detail: '{}' }] },
  ],
];
