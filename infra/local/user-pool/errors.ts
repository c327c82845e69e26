/**
 * What Cognito answers when it refuses: an exception name and a text, HTTP 400.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/CommonErrors.html
 */
export type ErrorName =
  | 'CodeMismatchException'
  | 'EnableSoftwareTokenMFAException'
  | 'ExpiredCodeException'
  | 'InternalErrorException'
  | 'InvalidLambdaResponseException'
  | 'InvalidParameterException'
  | 'InvalidPasswordException'
  | 'MissingAuthenticationTokenException'
  | 'NotAuthorizedException'
  | 'RefreshTokenReuseException'
  | 'ResourceNotFoundException'
  | 'SerializationException'
  | 'SoftwareTokenMFANotFoundException'
  | 'UnexpectedLambdaException'
  | 'UnknownOperationException'
  | 'UnsupportedTokenTypeException'
  | 'UserLambdaValidationException'
  | 'UserNotFoundException'
  | 'UsernameExistsException';

/** The one thing an operation throws on purpose; any other throw is a fault and becomes a 500. */
export class UserPoolError extends Error {
  override readonly name: ErrorName;

  constructor(name: ErrorName, message: string) {
    super(message);
    this.name = name;
  }
}

export const invalidParameter = (message: string) => new UserPoolError('InvalidParameterException', message);

export const notAuthorized = (message: string) => new UserPoolError('NotAuthorizedException', message);

/** One text for a wrong password and an unknown user name: PreventUserExistenceErrors is ENABLED. */
export const incorrectCredentials = () => notAuthorized('Incorrect username or password.');

export const userDisabled = () => notAuthorized('User is disabled.');

export const userNotFound = () => new UserPoolError('UserNotFoundException', 'User does not exist.');
