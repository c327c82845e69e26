import type { Reason } from '../../shared/refusal.ts';
import { type Route, takesIdempotencyKey } from '../../shared/routes/route.ts';
import { type JsonSchema, jsonSchemaOf } from './schemas.ts';

/** The HTTP status by which a route tells a refusal. */
export type StatusOf = (route: Route, reason: Reason) => number;

type Responses = Record<string, JsonSchema>;

const JSON_TYPE = 'application/json';
const HTML_TYPE = 'text/html';

const BEARER_REASONS: readonly Reason[] = [
  'token_missing',
  'basic_instead_of_token',
  'token_invalid',
  'token_dead',
  'quota_exceeded',
];
const SESSION_REASONS: readonly Reason[] = ['session_missing', 'session_ended'];
const BODY_REASONS: readonly Reason[] = ['malformed_body', 'body_too_large', 'unsupported_media_type'];

const KEY_REASONS: readonly Reason[] = ['invalid_fields', 'idempotency_key_reused', 'request_in_flight'];

/** Shapes that replies share, under `#/components/schemas`. */
export const replySchemas: Record<string, JsonSchema> = {
  V2Error: {
    type: 'object',
    description: 'The envelope of a refusal. `reason` is stable; `message` is a sentence to act on.',
    properties: {
      success: { const: false },
      error: {
        type: 'object',
        properties: {
          code: { type: 'integer' },
          reason: { type: 'string' },
          message: { type: 'string' },
          details: { type: ['string', 'null'] },
          stackStrace: { type: 'null', description: 'Spelt as in PSA V2; always null.' },
          subErrors: { type: 'array', items: { type: 'string' } },
          correlationId: { type: 'string' },
        },
        required: ['code', 'reason', 'message', 'details', 'stackStrace', 'subErrors', 'correlationId'],
      },
      result: { type: 'null' },
    },
    required: ['success', 'error', 'result'],
  },
  OAuthError: {
    type: 'object',
    description: 'RFC 6749 5.2, with the stable `reason` beside it.',
    properties: {
      error: { type: 'string' },
      error_description: { type: 'string' },
      reason: { type: 'string' },
      correlation_id: { type: 'string' },
    },
    required: ['error', 'error_description', 'reason', 'correlation_id'],
  },
};

export function responsesOf(route: Route, statusOf: StatusOf): Responses {
  return {
    ...successes(route),
    ...refusals(route, statusOf),
    500: {
      description: 'An unexpected fault (`fault`); `correlationId` is what to tell the provider.',
      content: errorContent(route, ['fault']),
    },
  };
}

function successes(route: Route): Responses {
  if (route.mediaType !== undefined) {
    return {
      200: { description: 'The file', content: { [route.mediaType]: { schema: { type: 'string' } } } },
    };
  }
  if (route.style === 'page') {
    const page = { description: 'The page', content: { [HTML_TYPE]: { schema: { type: 'string' } } } };
    return { 200: page, 303: { description: 'On to the next page, at `Location`' } };
  }
  if (route.download !== undefined) return { 200: file(route.download) };
  const reply = jsonSchemaOf(route.reply);
  const schema = route.style === 'v2' ? envelope(reply, route) : reply;
  const headers = route.etag
    ? { headers: { ETag: { description: 'For `If-Match` of a later change.', schema: { type: 'string' } } } }
    : {};
  return { 200: { description: 'Done', ...headers, content: { [JSON_TYPE]: { schema } } } };
}

function file(types: readonly string[]): JsonSchema {
  return {
    description: 'The file',
    headers: {
      'x-next-cursor': {
        description: 'Where the rest begins, for `Cursor`; absent when nothing is left.',
        schema: { type: 'string' },
      },
    },
    content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }])),
  };
}

function takesCursor(query: Route['query']): boolean {
  const { properties = {} } = (query === undefined ? {} : jsonSchemaOf(query)) as { properties?: object };
  return 'Cursor' in properties;
}

function envelope(result: JsonSchema, { paged, query }: Route): JsonSchema {
  const paging = {
    ...(paged ? { totalRecords: { type: 'integer', minimum: 0 } } : {}),
    ...(takesCursor(query) ? { nextCursor: { type: ['string', 'null'] } } : {}),
  };
  return {
    type: 'object',
    properties: { success: { const: true }, error: { type: 'null' }, result, ...paging },
    required: ['success', 'error', 'result'],
  };
}

/** Grouped by status, lowest first; each group lists the reasons it may carry. */
function refusals(route: Route, statusOf: StatusOf): Responses {
  const byStatus = Map.groupBy(reasonsOf(route), (reason) => statusOf(route, reason));
  const groups = [...byStatus].sort(([a], [b]) => a - b);
  const responses: Responses = {};
  for (const [status, reasons] of groups) responses[String(status)] = refusalResponse(route, reasons);
  if (route.auth === 'operator') {
    responses['403'] = {
      description: 'API Gateway: the request is not signed (SigV4), or not allowed by IAM',
    };
  }
  return responses;
}

function reasonsOf(route: Route): Reason[] {
  const namesInput = route.style === 'v2' || route.style === 'plain' || route.body || route.query;
  return [
    ...new Set<Reason>([
      ...(route.auth === 'bearer' ? BEARER_REASONS : []),
      ...(route.auth === 'session' ? SESSION_REASONS : []),
      ...(route.right === null && route.externalRight === undefined ? [] : (['right_missing'] as const)),
      ...(route.body === undefined ? (['body_not_taken'] as const) : BODY_REASONS),
      ...(takesIdempotencyKey(route) ? KEY_REASONS : []),
      ...(namesInput ? (['invalid_fields'] as const) : []),
      ...route.refusals,
      ...(route.style === 'plain' ? [] : (['busy'] as const)),
    ]),
  ];
}

function refusalResponse(route: Route, reasons: readonly Reason[]): JsonSchema {
  return {
    description: `Refused: ${reasons.map((reason) => `\`${reason}\``).join(', ')}`,
    content: errorContent(route, reasons),
  };
}

/** Screens tell on a page whatever goes wrong. */
function errorContent(route: Route, reasons: readonly string[]): JsonSchema {
  return route.style === 'page'
    ? { [HTML_TYPE]: { schema: { type: 'string' } } }
    : { [JSON_TYPE]: { schema: errorSchema(route, reasons) } };
}

function errorSchema(route: Route, reasons: readonly string[]): JsonSchema {
  const reason = { properties: { reason: { enum: reasons } } };
  if (route.style === 'oauth') return { allOf: [{ $ref: '#/components/schemas/OAuthError' }, reason] };
  return { allOf: [{ $ref: '#/components/schemas/V2Error' }, { properties: { error: reason } }] };
}
