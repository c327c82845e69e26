import { readEnvironment } from '../../shared/config.ts';
import { bearerDependencies, openConnection, warmUp } from '../../shared/http/bearer-function.ts';
import { httpFunction } from '../../shared/http/http-function.ts';
import { auditStrangers } from '../../shared/http/stranger-refusals.ts';
import { prepareSignIn } from '../../shared/identity/sign-in.ts';
import { openUserPool, type UserPool } from '../../shared/identity/user-pool.ts';
import { tokenRoutes } from '../../shared/routes/tokens.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { authenticateEndpoint } from './authenticate.ts';
import { introspectTokenEndpoint } from './introspect-token.ts';
import { issueTokenEndpoint } from './issue-token.ts';
import { issueTokenV1Endpoint } from './issue-token-v1.ts';
import { refreshTokenEndpoint } from './refresh-token.ts';
import { rehearse } from './rehearsal.ts';
import { revokeTokenEndpoint } from './revoke-token.ts';
import { serverMetadataEndpoint } from './server-metadata.ts';
import { ssoStatusEndpoint } from './sso-status.ts';
import { userInfoEndpoint } from './user-info.ts';

const environment = readEnvironment([
  'TABLE_NAME',
  'USER_POOL_ID',
  'API_CLIENT_ID',
  'TOKEN_JWKS_URI',
  'PUBLIC_URL',
]);
const { PUBLIC_URL: publicUrl, TOKEN_JWKS_URI: jwksUri } = environment;
const ownPool = openUserPool({ poolId: environment.USER_POOL_ID, apiClientId: environment.API_CLIENT_ID });
const ownTable = openTable(environment.TABLE_NAME);
const bearer = bearerDependencies(ownTable);

function serve(table: Table, pool: UserPool) {
  const deps = { table, pool, verifier: bearer.verifier };
  return httpFunction({
    routes: tokenRoutes,
    endpoints: [
      issueTokenEndpoint(deps),
      revokeTokenEndpoint(deps),
      introspectTokenEndpoint(deps),
      serverMetadataEndpoint({ publicUrl, jwksUri }),
      authenticateEndpoint(table, pool, publicUrl),
      refreshTokenEndpoint(deps),
      userInfoEndpoint(),
      ssoStatusEndpoint(),
      issueTokenV1Endpoint(deps),
    ],
    bearer,
    onStranger: auditStrangers(table, bearer.verifier),
  });
}

export const handler = serve(ownTable, ownPool);
// Tokens are handed out here, and seldom shown: the keys can wait for the first that is (P1).
await Promise.all([
  warmUp('connection', () => openConnection(ownTable)),
  warmUp('secrets', () => prepareSignIn(ownTable, ownPool)),
  warmUp('rehearsal', () => rehearse(serve)),
]);
