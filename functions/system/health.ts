import { endpoint } from '../../shared/http/call.ts';
import { health } from '../../shared/routes/system.ts';
import { granted } from '../../shared/rules/decision.ts';

/** That this answers says that the API is up; it asks nothing else, so that a probe costs nothing. */
export const healthEndpoint = () => endpoint(health, async () => granted({ json: { status: 'ok' } }));
