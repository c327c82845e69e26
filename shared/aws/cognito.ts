import type * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { type ClientSettings, JsonClient, type Service } from './json-client.ts';

export type AuthenticationResult = OnTheWire<sdk.AuthenticationResultType>;

const SERVICE: Service = {
  id: 'COGNITO_IDENTITY_PROVIDER',
  name: 'cognito-idp',
  target: 'AWSCognitoIdentityProviderService',
  jsonVersion: '1.1',
  judging: new Set(['AdminInitiateAuth', 'AdminRespondToAuthChallenge', 'VerifySoftwareToken']),
  unsigned: new Set(['AssociateSoftwareToken', 'GetTokensFromRefreshToken', 'VerifySoftwareToken']),
};

/** Shapes as the SDK has them, but for times, which are seconds since 1970 as they are sent. */
type CognitoOperations = {
  readonly AdminCreateUser: readonly [
    sdk.AdminCreateUserCommandInput,
    Answer<sdk.AdminCreateUserCommandOutput>,
  ];
  readonly AdminDeleteUser: readonly [
    sdk.AdminDeleteUserCommandInput,
    Answer<sdk.AdminDeleteUserCommandOutput>,
  ];
  readonly AdminDisableUser: readonly [
    sdk.AdminDisableUserCommandInput,
    Answer<sdk.AdminDisableUserCommandOutput>,
  ];
  readonly AdminGetUser: readonly [sdk.AdminGetUserCommandInput, Answer<sdk.AdminGetUserCommandOutput>];
  readonly AdminInitiateAuth: readonly [
    sdk.AdminInitiateAuthCommandInput,
    Answer<sdk.AdminInitiateAuthCommandOutput>,
  ];
  readonly AdminRespondToAuthChallenge: readonly [
    sdk.AdminRespondToAuthChallengeCommandInput,
    Answer<sdk.AdminRespondToAuthChallengeCommandOutput>,
  ];
  readonly AdminSetUserMFAPreference: readonly [
    sdk.AdminSetUserMFAPreferenceCommandInput,
    Answer<sdk.AdminSetUserMFAPreferenceCommandOutput>,
  ];
  readonly AdminSetUserPassword: readonly [
    sdk.AdminSetUserPasswordCommandInput,
    Answer<sdk.AdminSetUserPasswordCommandOutput>,
  ];
  readonly AssociateSoftwareToken: readonly [
    sdk.AssociateSoftwareTokenCommandInput,
    Answer<sdk.AssociateSoftwareTokenCommandOutput>,
  ];
  readonly DescribeUserPoolClient: readonly [
    sdk.DescribeUserPoolClientCommandInput,
    Answer<sdk.DescribeUserPoolClientCommandOutput>,
  ];
  readonly GetTokensFromRefreshToken: readonly [
    sdk.GetTokensFromRefreshTokenCommandInput,
    Answer<sdk.GetTokensFromRefreshTokenCommandOutput>,
  ];
  readonly ListUserPoolClients: readonly [
    sdk.ListUserPoolClientsCommandInput,
    Answer<sdk.ListUserPoolClientsCommandOutput>,
  ];
  readonly ListUsers: readonly [sdk.ListUsersCommandInput, Answer<sdk.ListUsersCommandOutput>];
  readonly VerifySoftwareToken: readonly [
    sdk.VerifySoftwareTokenCommandInput,
    Answer<sdk.VerifySoftwareTokenCommandOutput>,
  ];
};
type Answer<Output> = OnTheWire<Omit<Output, '$metadata'>>;
type OnTheWire<Shape> = Shape extends Date
  ? number
  : Shape extends object
    ? { [Field in keyof Shape]: OnTheWire<Shape[Field]> }
    : Shape;

export type CognitoClient = JsonClient<CognitoOperations>;
export const cognitoClient = (settings: ClientSettings): CognitoClient => new JsonClient(SERVICE, settings);
