import { readEnvironment } from '../../shared/config.ts';
import { auditRefusal, bearerDependencies, prepareBearer } from '../../shared/http/bearer-function.ts';
import { httpFunction } from '../../shared/http/http-function.ts';
import { auditStrangers } from '../../shared/http/stranger-refusals.ts';
import { openUserPool } from '../../shared/identity/user-pool.ts';
import { passwordRoutes } from '../../shared/routes/passwords.ts';
import { refusalPage } from '../../shared/screens/refusal-page.ts';
import { openTable } from '../../shared/store/table.ts';
import { newPasswordFormEndpoint } from './new-password-form.ts';
import { newPasswordScreenEndpoint } from './new-password-screen.ts';
import { requestPasswordResetEndpoint } from './request-password-reset.ts';
import { resetFactorEndpoint } from './reset-factor.ts';
import { resetFormEndpoint } from './reset-form.ts';
import { resetScreenEndpoint } from './reset-screen.ts';
import { setPasswordEndpoint } from './set-password.ts';
import { stylesheetEndpoint } from './stylesheet.ts';

const environment = readEnvironment(['TABLE_NAME', 'USER_POOL_ID', 'API_CLIENT_ID', 'PUBLIC_URL']);
const pool = openUserPool({ poolId: environment.USER_POOL_ID, apiClientId: environment.API_CLIENT_ID });
const table = openTable(environment.TABLE_NAME);
const bearer = bearerDependencies(table);
await prepareBearer(bearer);
const strangers = auditStrangers(table, bearer.verifier);
const deps = { table, pool, publicUrl: environment.PUBLIC_URL };

export const handler = httpFunction({
  routes: passwordRoutes,
  endpoints: [
    requestPasswordResetEndpoint(deps),
    setPasswordEndpoint(deps),
    resetFactorEndpoint(deps),
    resetScreenEndpoint(),
    resetFormEndpoint(deps),
    newPasswordScreenEndpoint(deps),
    newPasswordFormEndpoint(deps),
    stylesheetEndpoint(),
  ],
  bearer,
  onRefusal: auditRefusal(table),
  // Of the screens nothing: what is typed there says of no company that its admins are asked for (S1).
  onStranger: async (refusal, route, event, origin) => {
    if (route.auth === 'bearer') await strangers(refusal, route, event, origin);
  },
  refusalPage,
});
