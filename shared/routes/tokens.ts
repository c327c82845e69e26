import * as v from 'valibot';
import { id, time } from './fields.ts';
import { introspectToken, revokeToken, serverMetadata } from './oauth.ts';
import { defineRoute } from './route.ts';
import { ACCESS_TOKEN_MAX_LENGTH, REFRESH_TOKEN_MAX_LENGTH, signInRefusals, text } from './token-fields.ts';

export const issueToken = defineRoute({
  method: 'POST',
  path: '/oauth2/token',
  operationId: 'issueToken',
  summary:
    'OAuth 2.0 token endpoint: client credentials by HTTP Basic with company\\username and password (M13, M14), or a refresh token',
  auth: 'public',
  right: null,
  style: 'oauth',
  body: {
    encodings: ['urlencoded'],
    // RFC 6749 3.2: parameters that are not recognised are ignored; the table names those that are.
    schema: v.looseObject({
      grant_type: v.optional(text(128)),
      scope: v.optional(text(1024)),
      client_id: v.optional(text(512)),
      client_secret: v.optional(text(1024)),
      refresh_token: v.optional(text(REFRESH_TOKEN_MAX_LENGTH)),
    }),
    limitBytes: 16 * 1024,
  },
  reply: v.object({
    access_token: v.string(),
    token_type: v.literal('Bearer'),
    expires_in: v.number(),
    refresh_token: v.optional(v.string()),
  }),
  refusals: [
    ...signInRefusals,
    'credentials_missing',
    'credentials_malformed',
    'grant_type_missing',
    'grant_type_unsupported',
    'refresh_token_missing',
    'refresh_token_invalid',
    'refresh_token_used',
  ],
});

const v2Tokens = v.object({
  accessToken: v.string(),
  refreshToken: v.string(),
  accessTokenExpireOn: time,
  refreshTokenExpireOn: time,
});

export const authenticate = defineRoute({
  method: 'POST',
  path: '/v2/security/authenticate',
  operationId: 'authenticate',
  summary: 'PSA V2 sign-in: GrantType=password with UserName, Password and Tenant',
  auth: 'public',
  right: null,
  style: 'v2',
  body: {
    encodings: ['multipart', 'urlencoded'],
    schema: v.strictObject({
      GrantType: v.pipe(
        v.string('is required'),
        v.check(
          (grant) => grant.toLowerCase() === 'password',
          'must be password; other grants are not offered',
        ),
      ),
      UserName: v.pipe(
        v.string('is required'),
        v.nonEmpty('is required'),
        v.maxLength(256, 'must be at most 256 characters long'),
      ),
      Password: v.pipe(
        v.string('is required'),
        v.nonEmpty('is required'),
        v.maxLength(1024, 'must be at most 1024 characters long'),
      ),
      Tenant: v.pipe(
        v.string('is required'),
        v.nonEmpty('is required'),
        v.maxLength(256, 'must be at most 256 characters long'),
      ),
      MFACode: v.optional(text(16)),
      // Published for the SSO grants, sent empty by generated clients, never read.
      SamlResponse: v.optional(text(16_384)),
      SamlKey: v.optional(text(1024)),
      ItcToken: v.optional(text(16_384)),
      ClientId: v.optional(text(1024)),
      ClientSecret: v.optional(text(1024)),
      RedirectUri: v.optional(text(2048)),
      Code: v.optional(text(2048)),
    }),
  },
  reply: v2Tokens,
  refusals: [...signInRefusals, 'mfa_enrollment_required'],
});

export const refreshToken = defineRoute({
  method: 'POST',
  path: '/v2/security/refreshtoken',
  operationId: 'refreshToken',
  summary: 'PSA V2: new tokens for a refresh token of authenticate; each refresh token is good once',
  auth: 'public',
  right: null,
  style: 'v2',
  body: {
    encodings: ['multipart', 'urlencoded'],
    schema: v.strictObject({
      AccessToken: v.pipe(text(ACCESS_TOKEN_MAX_LENGTH), v.nonEmpty('is required')),
      // Published as optional; without one there is nothing to refresh, which is said as for a wrong one.
      RefreshToken: v.optional(text(REFRESH_TOKEN_MAX_LENGTH)),
    }),
  },
  reply: v2Tokens,
  refusals: [
    'refresh_token_invalid',
    'refresh_token_used',
    'tenant_suspended',
    'account_inactive',
    'no_role',
    'role_without_api_access',
    'mfa_required',
    'sso_only',
  ],
});

export const ssoStatus = defineRoute({
  method: 'GET',
  path: '/v2/security/ssostatus',
  operationId: 'ssoStatus',
  summary: 'PSA V2: whether sign-in goes by SSO; the same answer for every account, known or not',
  auth: 'public',
  right: null,
  style: 'v2',
  query: v.strictObject({ Tenant: v.optional(text(256)), UserName: v.optional(text(256)) }),
  reply: v.object({ enabled: v.boolean(), loginEndpointUrl: v.nullable(v.string()) }),
  refusals: [],
});

export const issueTokenV1 = defineRoute({
  method: 'POST',
  path: '/api/token',
  operationId: 'issueTokenV1',
  summary:
    'V1 sign-in, for existing scripts: grant_type=password with username, password and tenant; or a refresh token',
  auth: 'public',
  right: null,
  style: 'oauth',
  body: {
    encodings: ['urlencoded'],
    schema: v.looseObject({
      grant_type: v.optional(text(128)),
      // The password grant asks for these three; the endpoint says so once it is known which grant it is.
      username: v.optional(text(256)),
      password: v.optional(text(1024)),
      tenant: v.optional(text(256)),
      client_id: v.optional(text(512)),
      client_secret: v.optional(text(1024)),
      refresh_token: v.optional(text(REFRESH_TOKEN_MAX_LENGTH)),
    }),
    limitBytes: 16 * 1024,
  },
  reply: v.object({
    access_token: v.string(),
    token_type: v.literal('Bearer'),
    expires_in: v.number(),
    refresh_token: v.string(),
  }),
  refusals: [
    ...signInRefusals,
    'invalid_fields',
    'credentials_missing',
    'credentials_malformed',
    'grant_credentials_wrong',
    'grant_type_missing',
    'grant_type_unsupported',
    'refresh_token_missing',
    'refresh_token_invalid',
    'refresh_token_used',
  ],
});

export const userInfo = defineRoute({
  method: 'GET',
  path: '/v2/security/userinfo',
  operationId: 'userInfo',
  summary: 'Who the token belongs to',
  auth: 'bearer',
  right: null,
  style: 'v2',
  reply: v.object({
    userId: id,
    userName: v.string(),
    userType: v.string(),
    fullName: v.string(),
    emailAddress: v.nullable(v.string()),
    timeStamp: time,
    timeZoneName: v.string(),
    olsonTimeZoneName: v.string(),
    dateFormat: v.string(),
    timeFormat: v.string(),
    tenantId: v.string(),
    accountId: v.nullable(v.number()),
    locationId: v.nullable(v.number()),
    contactId: v.nullable(v.number()),
    businessName: v.string(),
    userAccessRights: v.array(
      v.object({
        canView: v.boolean(),
        canModify: v.boolean(),
        canDelete: v.boolean(),
        mainMenuId: v.number(),
        menuCategoryId: v.number(),
        listingIDEnum: v.string(),
      }),
    ),
    specialFeatures: v.array(v.object({ id: v.number() })),
    isUserSystemAdmin: v.boolean(),
    currencyCode: v.string(),
    cultureCode: v.string(),
    productName: v.string(),
    pictureUrl: v.nullable(v.string()),
    openIdRealmId: v.nullable(v.string()),
  }),
  refusals: [],
});

export const tokenRoutes = [
  issueToken,
  revokeToken,
  introspectToken,
  serverMetadata,
  authenticate,
  refreshToken,
  userInfo,
  ssoStatus,
  issueTokenV1,
];
