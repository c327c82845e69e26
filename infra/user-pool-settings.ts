/**
 * The settings of the user pool, in one place: the CDK stack deploys them, the local stack's user pool obeys
 * them, and the tests assert both. Names follow the Cognito API (CreateUserPool, CreateUserPoolClient).
 */
export type UserPoolClientSettings = {
  readonly name: 'api' | 'gateway';
  readonly generateSecret: true;
  readonly explicitAuthFlows: readonly ['ALLOW_ADMIN_USER_PASSWORD_AUTH'];
  readonly preventUserExistenceErrors: 'ENABLED';
  readonly enableTokenRevocation: true;
  /** GetTokensFromRefreshToken with rotation; REFRESH_TOKEN_AUTH is incompatible with it. */
  readonly refreshTokenRotation: { readonly feature: 'ENABLED'; readonly retryGracePeriodSeconds: number };
  readonly accessTokenMinutes: number;
  readonly idTokenMinutes: number;
  readonly refreshTokenDays: number;
};

const confidentialClient = {
  generateSecret: true,
  explicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH'],
  preventUserExistenceErrors: 'ENABLED',
  enableTokenRevocation: true,
  refreshTokenRotation: { feature: 'ENABLED', retryGracePeriodSeconds: 60 },
} as const;

export const userPoolSettings = {
  featurePlan: 'ESSENTIALS',
  allowAdminCreateUserOnly: true,
  accountRecovery: 'admin_only',
  aliasAttributes: [],
  autoVerifiedAttributes: [],
  usernameCaseSensitive: true,
  mfaConfiguration: 'OPTIONAL',
  enabledMfas: ['SOFTWARE_TOKEN_MFA'],
  deviceTracking: 'NONE',
  /** No composition rules (NIST 800-63B-4); the real rules, longer for API Employees, are in shared/rules. */
  passwordPolicy: {
    minimumLength: 8,
    requireLowercase: false,
    requireUppercase: false,
    requireNumbers: false,
    requireSymbols: false,
    temporaryPasswordValidityDays: 1,
  },
  preTokenGenerationVersion: 'V2_0',
  clients: {
    /** Tokens for callers. The trigger takes `aws.cognito.signin.user.admin` off them. */
    api: {
      ...confidentialClient,
      name: 'api',
      accessTokenMinutes: 60,
      idTokenMinutes: 5,
      refreshTokenDays: 30,
    },
    /** People at the gateway only; its tokens never leave the function. */
    gateway: {
      ...confidentialClient,
      name: 'gateway',
      accessTokenMinutes: 5,
      idTokenMinutes: 5,
      refreshTokenDays: 1,
    },
  },
} as const satisfies {
  clients: Record<'api' | 'gateway', UserPoolClientSettings>;
} & Record<string, unknown>;
