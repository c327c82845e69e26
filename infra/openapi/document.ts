import {
  DEFAULT_BODY_LIMIT_BYTES,
  MEDIA_TYPES,
  type Route,
  takesIdempotencyKey,
} from '../../shared/routes/route.ts';
import { replySchemas, responsesOf, type StatusOf } from './replies.ts';
import { type JsonSchema, jsonSchemaOf } from './schemas.ts';

/** Routes that belong together, as one function serves them. */
type Capability = {
  readonly name: string;
  readonly description: string;
  readonly routes: readonly Route[];
};

export type DocumentSource = {
  readonly version: string;
  readonly capabilities: readonly Capability[];
  readonly statusOf: StatusOf;
};

/** The API as an OpenAPI 3.1 document, made from the route tables alone; the same tables, the same document. */
export function openApiDocument({ version, capabilities, statusOf }: DocumentSource): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const { name, routes } of capabilities) {
    for (const route of routes) {
      const item = paths[route.path] ?? {};
      item[route.method.toLowerCase()] = operation(route, name, statusOf);
      paths[route.path] = item;
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'PSA accounts API',
      version,
      license: { name: 'UNLICENSED' }, // As in package.json: all rights reserved.
      description:
        'Accounts of a PSA and their tokens. Names of fields are matched without regard to case; unknown fields of a V2 body or query are refused by name. An empty parameter of a V2 query that only reads counts as left out. Every refusal has a stable `reason`.',
    },
    servers: [{ url: '/', description: 'The deployment that serves this document' }],
    tags: capabilities.map(({ name, description }) => ({ name, description })),
    paths,
    components: { securitySchemes, schemas: replySchemas },
  };
}

const securitySchemes = {
  bearerAuth: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  basicAuth: { type: 'http', scheme: 'basic', description: 'User name: company\\username' },
  gatewaySession: { type: 'apiKey', in: 'cookie', name: '__Host-session' },
  awsSigv4: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    'x-amazon-apigateway-authtype': 'awsSigv4',
    description: 'AWS Signature Version 4, service execute-api',
  },
} as const;

function operation(route: Route, tag: string, statusOf: StatusOf): JsonSchema {
  const parameters = [
    ...parametersIn('path', route.params),
    ...parametersIn('query', route.query),
    ...headersOf(route),
  ];
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...description(route),
    tags: [tag],
    security: security(route),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body === undefined ? {} : { requestBody: requestBody(route.body) }),
    responses: responsesOf(route, statusOf),
  };
}

function description({ right, externalRight }: Route): JsonSchema {
  if (right !== null) return { description: `Needs the right to ${right.action} in ${right.module}.` };
  if (externalRight === undefined) return {};
  const { action, module } = externalRight;
  return { description: `External employees need the right to ${action} in ${module}; others need none.` };
}

function security(route: Route): readonly Partial<Record<keyof typeof securitySchemes, readonly string[]>>[] {
  if (route.auth === 'bearer') return [{ bearerAuth: [] }];
  if (route.auth === 'session') return [{ gatewaySession: [] }];
  if (route.auth === 'operator') return [{ awsSigv4: [] }];
  // Only a call that takes its credentials by HTTP Basic can find them missing.
  const basic = route.refusals.includes('credentials_missing') ? [{ basicAuth: [] }] : [];
  // A password grant has its credentials in fields of its own.
  if (route.refusals.includes('grant_credentials_wrong')) return [{}, ...basic];
  return route.refusals.includes('token_missing') ? [...basic, { bearerAuth: [] }] : basic;
}

function parametersIn(place: 'path' | 'query', schema: Route['params']): JsonSchema[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchemaOf(schema) as {
    properties?: Record<string, JsonSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

/** Headers of HTTP and of the API's conventions that the call heeds. */
function headersOf(route: Route): JsonSchema[] {
  const header = (name: string, description: string) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  });
  return [
    ...(route.conditional
      ? [header('If-Match', 'The `ETag` that the record was read with; changed since: 412.')]
      : []),
    ...(takesIdempotencyKey(route)
      ? [header('Idempotency-Key', 'Repeats of the call with the same key, within 24 hours, change nothing.')]
      : []),
  ];
}

function requestBody({ encodings, schema, limitBytes }: NonNullable<Route['body']>): JsonSchema {
  const shape = jsonSchemaOf(schema);
  return {
    required: true,
    description: `At most ${limitBytes ?? DEFAULT_BODY_LIMIT_BYTES} bytes`,
    content: Object.fromEntries(
      encodings.map((encoding) => [
        MEDIA_TYPES[encoding],
        { schema: encoding === 'csv' ? { type: 'string' } : shape },
      ]),
    ),
  };
}
