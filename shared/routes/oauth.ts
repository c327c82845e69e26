import * as v from 'valibot';
import { defineRoute } from './route.ts';
import { REFRESH_TOKEN_MAX_LENGTH, signInRefusals, text } from './token-fields.ts';

/** How a caller of revocation and introspection says who it is: HTTP Basic, the body, or a bearer token. */
const callerRefusals = [
  ...signInRefusals,
  'credentials_missing',
  'credentials_malformed',
  'token_missing',
  'basic_instead_of_token',
  'right_missing',
  'token_invalid',
  'token_dead',
  'quota_exceeded',
] as const;

const aboutToken = {
  encodings: ['urlencoded'],
  schema: v.looseObject({
    token: v.pipe(text(REFRESH_TOKEN_MAX_LENGTH), v.nonEmpty('is required')),
    token_type_hint: v.optional(text(128)),
    client_id: v.optional(text(512)),
    client_secret: v.optional(text(1024)),
  }),
  limitBytes: 16 * 1024,
} as const;

export const revokeToken = defineRoute({
  method: 'POST',
  path: '/oauth2/revoke',
  operationId: 'revokeToken',
  summary:
    "RFC 7009: ends a token of one's own and all of its sign-in, or of another with the right to modify security",
  auth: 'public',
  right: null,
  style: 'oauth',
  body: aboutToken,
  reply: v.object({}),
  refusals: [...callerRefusals, 'token_of_another'],
});

export const introspectToken = defineRoute({
  method: 'POST',
  path: '/oauth2/introspect',
  operationId: 'introspectToken',
  summary: 'RFC 7662: whether a token of this company counts now; needs the right to view security',
  auth: 'public',
  right: null,
  style: 'oauth',
  body: aboutToken,
  reply: v.object({
    active: v.boolean(),
    username: v.optional(v.string()),
    client_id: v.optional(v.string()),
    token_type: v.optional(v.string()),
    exp: v.optional(v.number()),
    iat: v.optional(v.number()),
    sub: v.optional(v.string()),
    iss: v.optional(v.string()),
    tenant: v.optional(v.string()),
    employee_id: v.optional(v.number()),
    user_type: v.optional(v.string()),
  }),
  refusals: [...callerRefusals],
});

export const serverMetadata = defineRoute({
  method: 'GET',
  path: '/.well-known/oauth-authorization-server',
  operationId: 'serverMetadata',
  summary: 'RFC 8414: where the token endpoints and the keys are',
  auth: 'public',
  right: null,
  style: 'plain',
  reply: v.object({
    issuer: v.string(),
    token_endpoint: v.string(),
    revocation_endpoint: v.string(),
    introspection_endpoint: v.string(),
    jwks_uri: v.string(),
    response_types_supported: v.array(v.string()),
    grant_types_supported: v.array(v.string()),
    token_endpoint_auth_methods_supported: v.array(v.string()),
    revocation_endpoint_auth_methods_supported: v.array(v.string()),
    introspection_endpoint_auth_methods_supported: v.array(v.string()),
    service_documentation: v.string(),
  }),
  refusals: [],
});
