import { readEnvironment } from '../../shared/config.ts';
import { bearerDependencies, warmUp } from '../../shared/http/bearer-function.ts';
import { httpFunction } from '../../shared/http/http-function.ts';
import { openUserPool, readClientSecrets } from '../../shared/identity/user-pool.ts';
import { tokenRoutes } from '../../shared/routes/tokens.ts';
import { authenticateEndpoint } from './authenticate.ts';
import { issueTokenEndpoint } from './issue-token.ts';
import { userInfoEndpoint } from './user-info.ts';

const environment = readEnvironment(['USER_POOL_ID', 'API_CLIENT_ID', 'PUBLIC_URL']);
const pool = openUserPool({ poolId: environment.USER_POOL_ID, apiClientId: environment.API_CLIENT_ID });
const [bearer] = await Promise.all([bearerDependencies(), warmUp(() => readClientSecrets(pool))]);

export const handler = httpFunction({
  routes: tokenRoutes,
  endpoints: [
    issueTokenEndpoint(bearer.table, pool),
    authenticateEndpoint(bearer.table, pool, environment.PUBLIC_URL),
    userInfoEndpoint(),
  ],
  bearer,
});
