import { endpoint } from '../../shared/http/call.ts';
import { introspectToken, revokeToken, serverMetadata as route } from '../../shared/routes/oauth.ts';
import { issueToken } from '../../shared/routes/tokens.ts';
import { granted } from '../../shared/rules/decision.ts';

const CLIENT_METHODS = ['client_secret_basic', 'client_secret_post'];

/** RFC 8414 2. The issuer is where this document is found (3.3); access tokens carry Cognito's own `iss`. */
export const serverMetadataEndpoint = (at: { readonly publicUrl: string; readonly jwksUri: string }) =>
  endpoint(route, async () =>
    granted({
      json: {
        issuer: at.publicUrl,
        token_endpoint: `${at.publicUrl}${issueToken.path}`,
        revocation_endpoint: `${at.publicUrl}${revokeToken.path}`,
        introspection_endpoint: `${at.publicUrl}${introspectToken.path}`,
        jwks_uri: at.jwksUri,
        response_types_supported: [], // There is no authorization endpoint.
        grant_types_supported: ['client_credentials', 'refresh_token'],
        token_endpoint_auth_methods_supported: [...CLIENT_METHODS, 'none'],
        revocation_endpoint_auth_methods_supported: CLIENT_METHODS,
        introspection_endpoint_auth_methods_supported: CLIENT_METHODS,
        service_documentation: `${at.publicUrl}/openapi.json`,
      },
    }),
  );
