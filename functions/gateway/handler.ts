import { readEnvironment } from '../../shared/config.ts';
import { warmUp } from '../../shared/http/bearer-function.ts';
import { httpFunction } from '../../shared/http/http-function.ts';
import { authenticateSession } from '../../shared/http/session.ts';
import { prepareSignIn } from '../../shared/identity/sign-in.ts';
import { openUserPool } from '../../shared/identity/user-pool.ts';
import { gatewayRoutes } from '../../shared/routes/gateway.ts';
import { refusalPage } from '../../shared/screens/refusal-page.ts';
import { openTable } from '../../shared/store/table.ts';
import {
  accountScreenEndpoint,
  changePasswordScreenEndpoint,
  factorScreenEndpoint,
  sessionsScreenEndpoint,
} from './account-screens.ts';
import { changePasswordEndpoint } from './change-password.ts';
import { codeFormEndpoint } from './code-form.ts';
import { codeScreenEndpoint, enrolScreenEndpoint, recoveryScreenEndpoint } from './code-screen.ts';
import {
  enrolConfirmEndpoint,
  enrolStartEndpoint,
  factorConfirmEndpoint,
  factorStartEndpoint,
} from './enrol-forms.ts';
import { factorCodesEndpoint } from './factor-codes.ts';
import { factorRemoveEndpoint } from './factor-remove.ts';
import { gatewayScreenEndpoint } from './gateway-screen.ts';
import { gatewaySignInEndpoint } from './gateway-sign-in.ts';
import { recoveryFormEndpoint } from './recovery-form.ts';
import { endSessionEndpoint, signOutEndpoint } from './sessions-form.ts';

const environment = readEnvironment([
  'TABLE_NAME',
  'USER_POOL_ID',
  'API_CLIENT_ID',
  'GATEWAY_CLIENT_ID',
  'PUBLIC_URL',
]);
const table = openTable(environment.TABLE_NAME);
const pool = openUserPool({
  poolId: environment.USER_POOL_ID,
  apiClientId: environment.API_CLIENT_ID,
  gatewayClientId: environment.GATEWAY_CLIENT_ID,
});
await warmUp('secrets', () => prepareSignIn(table, pool));
const deps = { table, pool, publicUrl: environment.PUBLIC_URL };

export const handler = httpFunction({
  routes: gatewayRoutes,
  endpoints: [
    gatewayScreenEndpoint(),
    gatewaySignInEndpoint(deps),
    codeScreenEndpoint(deps),
    codeFormEndpoint(deps),
    recoveryScreenEndpoint(deps),
    recoveryFormEndpoint(deps),
    enrolScreenEndpoint(deps),
    enrolStartEndpoint(deps),
    enrolConfirmEndpoint(deps),
    accountScreenEndpoint(),
    changePasswordScreenEndpoint(),
    changePasswordEndpoint(deps),
    factorScreenEndpoint(deps),
    factorStartEndpoint(deps),
    factorConfirmEndpoint(deps),
    factorCodesEndpoint(deps),
    factorRemoveEndpoint(deps),
    sessionsScreenEndpoint(deps),
    endSessionEndpoint(deps),
    signOutEndpoint(deps),
  ],
  sessions: { table, authenticate: authenticateSession },
  refusalPage,
});
