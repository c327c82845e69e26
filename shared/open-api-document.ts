import document from '../docs/openapi.json' with { type: 'json' };

/** This API as an OpenAPI 3.1 document: a build asset, written by `npm run openapi` from the route table. */
export const openApiJson: { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> } =
  document;
