import { endpoint } from '../../shared/http/call.ts';
import { openApiJson } from '../../shared/open-api-document.ts';
import { openApiDocument } from '../../shared/routes/system.ts';
import { granted } from '../../shared/rules/decision.ts';

export const openApiDocumentEndpoint = () =>
  endpoint(openApiDocument, async () => granted({ json: openApiJson }));
