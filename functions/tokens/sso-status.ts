import { endpoint } from '../../shared/http/call.ts';
import { ssoStatus as route } from '../../shared/routes/tokens.ts';
import { granted } from '../../shared/rules/decision.ts';

/** Reads nothing: there is no SSO sign-in for programs to go to, and no account to tell of. */
export const ssoStatusEndpoint = () =>
  endpoint(route, async () => granted({ result: { enabled: false, loginEndpointUrl: null } }));
