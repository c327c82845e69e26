import { httpFunction } from '../../shared/http/http-function.ts';
import { openApiJson } from '../../shared/open-api-document.ts';
import { systemRoutes } from '../../shared/routes/system.ts';
import { refusalPage } from '../../shared/screens/refusal-page.ts';
import { healthEndpoint } from './health.ts';
import { openApiDocumentEndpoint } from './open-api-document.ts';
import { unknownRoute } from './unknown-route.ts';

export const handler = httpFunction({
  routes: systemRoutes,
  endpoints: [healthEndpoint(), openApiDocumentEndpoint()],
  unknown: unknownRoute(openApiJson.paths),
  refusalPage,
});
