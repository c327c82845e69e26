import { httpFunction } from '../../shared/http/http-function.ts';
import { systemRoutes } from '../../shared/routes/system.ts';
import { healthEndpoint } from './health.ts';
import { openApiDocumentEndpoint } from './open-api-document.ts';

export const handler = httpFunction({
  routes: systemRoutes,
  endpoints: [healthEndpoint(), openApiDocumentEndpoint()],
});
