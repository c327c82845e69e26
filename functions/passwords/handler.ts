import { readEnvironment } from '../../shared/config.ts';
import { auditRefusal, bearerDependencies, warmUp } from '../../shared/http/bearer-function.ts';
import { httpFunction } from '../../shared/http/http-function.ts';
import { openUserPool, readClientSecrets } from '../../shared/identity/user-pool.ts';
import { passwordRoutes } from '../../shared/routes/passwords.ts';
import { gatewayScreenEndpoint } from './gateway-screen.ts';
import { gatewaySignInEndpoint } from './gateway-sign-in.ts';
import { newPasswordFormEndpoint } from './new-password-form.ts';
import { newPasswordScreenEndpoint } from './new-password-screen.ts';
import { refusalPage } from './refusal-page.ts';
import { requestPasswordResetEndpoint } from './request-password-reset.ts';
import { resetFormEndpoint } from './reset-form.ts';
import { resetScreenEndpoint } from './reset-screen.ts';
import { setPasswordEndpoint } from './set-password.ts';
import { stylesheetEndpoint } from './stylesheet.ts';

const environment = readEnvironment(['USER_POOL_ID', 'API_CLIENT_ID', 'GATEWAY_CLIENT_ID', 'PUBLIC_URL']);
const pool = openUserPool({
  poolId: environment.USER_POOL_ID,
  apiClientId: environment.API_CLIENT_ID,
  gatewayClientId: environment.GATEWAY_CLIENT_ID,
});
const [bearer] = await Promise.all([bearerDependencies(), warmUp(() => readClientSecrets(pool))]);
const deps = { table: bearer.table, pool, publicUrl: environment.PUBLIC_URL };

export const handler = httpFunction({
  routes: passwordRoutes,
  endpoints: [
    requestPasswordResetEndpoint(deps),
    setPasswordEndpoint(deps),
    gatewayScreenEndpoint(),
    gatewaySignInEndpoint(deps),
    resetScreenEndpoint(),
    resetFormEndpoint(deps),
    newPasswordScreenEndpoint(deps),
    newPasswordFormEndpoint(deps),
    stylesheetEndpoint(),
  ],
  bearer,
  onRefusal: auditRefusal(bearer.table),
  refusalPage,
});
