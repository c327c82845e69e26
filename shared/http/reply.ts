import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Refusal } from '../refusal.ts';
import type { Route } from '../routes/route.ts';
import { QUOTA_WINDOW_SECONDS, type QuotaState } from '../rules/quota.ts';
import type { Answer, Download, Page } from './call.ts';
import { etagOf } from './etag.ts';
import type { RefusalReply } from './refusal-reply.ts';
import { tellRefusal } from './refusals.ts';

export type Reply = APIGatewayProxyStructuredResultV2 & { headers: Record<string, string> };

/** The vendor's code for every 401 (PSA V2). */
const V2_SECURITY_ERROR = 978001;
const REALM = 'PSA API';

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' } as const;
/** RFC 6749 5.1, which asks for both: nothing that may hold a token or a form is kept by a cache. */
const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' } as const;
const FOR_GOOD = { 'cache-control': 'public, max-age=31536000, immutable' } as const;
/** Where a download that was cut goes on: absent from the last part. */
const NEXT_CURSOR_HEADER = 'x-next-cursor';
/** A 401 names a scheme (RFC 9110 15.5.2): on a page one that opens no dialog of the browser's own. */
const PAGE_CHALLENGE = `Form realm="${REALM}"`;

/** Renders what is refused, or went wrong, outside a screen's own endpoint. */
export type RefusalPage = (told: {
  readonly status: number;
  readonly message: string;
  readonly subErrors?: readonly string[];
  readonly correlationId: string;
}) => string;

export function answerReply(answer: Answer): Reply {
  if ('page' in answer) return pageReply(answer.page);
  if ('json' in answer) return json(200, answer.json);
  if ('content' in answer) {
    const { type, body } = answer.content;
    return { statusCode: 200, headers: { ...FOR_GOOD, 'content-type': type }, body };
  }
  if ('download' in answer) return downloadReply(answer.download);
  const { result, totalRecords, nextCursor, version } = answer;
  const reply = json(200, {
    success: true,
    error: null,
    result,
    ...(totalRecords === undefined ? {} : { totalRecords }),
    ...(nextCursor === undefined ? {} : { nextCursor }),
  });
  if (version !== undefined) reply.headers.etag = etagOf(version);
  return reply;
}

function downloadReply({ type, fileName, body, nextCursor }: Download): Reply {
  return {
    statusCode: 200,
    headers: {
      ...NO_STORE,
      'content-type': type,
      'content-disposition': `attachment; filename="${fileName}"`,
      ...(nextCursor === null ? {} : { [NEXT_CURSOR_HEADER]: nextCursor }),
    },
    body,
  };
}

function pageReply(page: Page): Reply {
  return {
    statusCode: page.location === undefined ? page.status : 303,
    headers: {
      ...NO_STORE,
      'content-type': 'text/html; charset=utf-8',
      ...(page.location === undefined ? {} : { location: page.location }),
      ...(page.retryAfterSeconds === undefined ? {} : { 'retry-after': String(page.retryAfterSeconds) }),
      ...(page.status === 401 ? { 'www-authenticate': PAGE_CHALLENGE } : {}),
    },
    ...(page.setCookies ? { cookies: [...page.setCookies] } : {}),
    body: page.html ?? '',
  };
}

export function refusalReply(...told: Parameters<typeof toldReply>): Reply {
  const reply = toldReply(...told);
  const [, refusal] = told;
  if (refusal.reason === 'method_unknown') reply.headers.allow = refusal.allowed.join(', ');
  return reply;
}

function toldReply(
  route: Pick<Route, 'style' | 'auth'>,
  refusal: Refusal,
  correlationId: string,
  refusalPage?: RefusalPage,
): Reply {
  const told = tellRefusal(refusal);
  if (route.style === 'page' && refusalPage) {
    const { status, retryAfterSeconds } = told;
    const html = refusalPage({ ...told, correlationId });
    return pageReply({ status, html, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
  }
  const body =
    route.style === 'oauth'
      ? oauthError(told, refusal, correlationId)
      : v2Error(told, refusal.reason, correlationId);
  const reply = json(route.style === 'oauth' ? oauthStatus(told) : told.status, body);
  if (told.retryAfterSeconds !== undefined) reply.headers['retry-after'] = String(told.retryAfterSeconds);
  const challenge = challengeOf(route, refusal, told);
  if (challenge !== undefined) reply.headers['www-authenticate'] = challenge;
  if (refusal.reason !== 'quota_exceeded') return reply;
  const { limit, retryAfterSeconds: resetSeconds } = refusal;
  return withQuota(reply, { limit, remaining: 0, resetSeconds, exceeded: true });
}

/** An unexpected fault: a correlation id and nothing more (S12). */
export function faultReply(
  route: Pick<Route, 'style'>,
  correlationId: string,
  refusalPage?: RefusalPage,
): Reply {
  const message =
    'Something went wrong on our side. Try again; if it stays, tell your provider the correlation id.';
  if (route.style === 'page' && refusalPage) {
    return pageReply({ status: 500, html: refusalPage({ status: 500, message, correlationId }) });
  }
  if (route.style === 'oauth') {
    return json(500, {
      error: 'server_error',
      error_description: message,
      reason: 'fault',
      correlation_id: correlationId,
    });
  }
  return json(500, v2Error({ status: 500, message, oauth: 'server_error' }, 'fault', correlationId));
}

function v2Error(told: RefusalReply, reason: string, correlationId: string) {
  return {
    success: false,
    error: {
      code: told.status === 401 ? V2_SECURITY_ERROR : told.status,
      reason,
      message: told.message,
      details: told.status === 401 ? 'Security Error' : null,
      stackStrace: null, // Spelt so in the published contract.
      subErrors: told.subErrors ?? [],
      correlationId,
    },
    result: null,
  };
}

/** RFC 6749 5.2. `error_description` allows printable ASCII but `"` and `\`. */
function oauthError(told: RefusalReply, refusal: Refusal, correlationId: string) {
  const sentences = [told.message, ...(told.subErrors?.length ? [told.subErrors.join('; ')] : [])].join(' ');
  return {
    error: told.oauth,
    error_description: quotable(sentences),
    reason: refusal.reason,
    correlation_id: correlationId,
  };
}

/** RFC 6749 5.2 answers 400 to all but `invalid_client`; sizes, types, limits and outages keep their own. */
function oauthStatus(told: RefusalReply): number {
  return told.oauth === 'unauthorized_client' || told.oauth === 'invalid_grant' ? 400 : told.status;
}

/** What may stand in a quoted string (RFC 6750 3, RFC 6749 5.2): printable ASCII but `"` and `\`. */
function quotable(text: string): string {
  return text.replace(/["\\]/g, '/').replace(/[^\x20-\x7e]/g, '?');
}

/** The credentials were not those of a bearer: RFC 6750 3.1 then names no error. */
const NO_BEARER: ReadonlySet<Refusal['reason']> = new Set(['token_missing', 'basic_instead_of_token']);
const BASIC_CHALLENGE = `Basic realm="${REALM}", charset="UTF-8"`;

/** RFC 7617 on calls that take a password, RFC 6750 3 on calls that take a token. */
function challengeOf(
  route: Pick<Route, 'auth' | 'style'>,
  refusal: Refusal,
  told: RefusalReply,
): string | undefined {
  if (told.oauth === 'invalid_token' || told.oauth === 'insufficient_scope') {
    if (told.status !== 401 && told.status !== 403) return undefined;
    if (NO_BEARER.has(refusal.reason)) return `Bearer realm="${REALM}"`;
    return `Bearer realm="${REALM}", error="${told.oauth}", error_description="${quotable(told.message)}"`;
  }
  const status = route.style === 'oauth' ? oauthStatus(told) : told.status;
  if (status !== 401) return undefined;
  return route.auth === 'public' ? BASIC_CHALLENGE : `Bearer realm="${REALM}"`;
}

/** draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. */
export function withQuota(reply: Reply, quota: QuotaState | undefined): Reply {
  if (quota === undefined) return reply;
  const { limit, remaining, resetSeconds } = quota;
  reply.headers['ratelimit-policy'] = `"hour";q=${limit};w=${QUOTA_WINDOW_SECONDS}`;
  reply.headers.ratelimit = `"hour";r=${remaining};t=${resetSeconds}`;
  return reply;
}

function json(statusCode: number, body: unknown): Reply {
  return { statusCode, headers: { ...NO_STORE, ...JSON_HEADERS }, body: JSON.stringify(body) };
}
