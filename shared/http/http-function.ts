import middy from '@middy/core';
import httpSecurityHeaders from '@middy/http-security-headers';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { systemClock } from '../clock.ts';
import { errorFields, logError } from '../log.ts';
import type { BearerRefusal, Refusal } from '../refusal.ts';
import { type Route, routeKey } from '../routes/route.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';
import { hasRight, type Right } from '../rules/rights.ts';
import type { SessionRefusal } from '../rules/sessions.ts';
import { isInternal } from '../rules/user-types.ts';
import type { Origin } from '../store/audit.ts';
import type { Table } from '../store/table.ts';
import type { AuthenticateBearer } from './bearer.ts';
import type { BearerActor, Call, Endpoint, OperatorActor, SessionActor } from './call.ts';
import { keyedRequest, type OnceOnly, type Performed } from './idempotency.ts';
import { parseInput } from './input.ts';
import { answerReply, faultReply, type RefusalPage, refusalReply, withQuota } from './reply.ts';
import type { AuthenticateSession } from './session.ts';
import type { OnStranger } from './stranger-refusals.ts';

export type OnRefusal = (
  refusal: Refusal,
  route: Route,
  actor: BearerActor | OperatorActor,
  event: APIGatewayProxyEventV2,
  origin: Origin,
) => Promise<void>;

export type UnknownRoute = Pick<Route, 'style'> & { readonly refusal: Refusal };

type HttpFunction = {
  readonly routes: readonly Route[];
  readonly endpoints: readonly Endpoint[];
  /** Needed where a route is for bearers; handed in, so that functions without one carry neither store nor keys. */
  readonly bearer?: {
    readonly table: Table;
    readonly authenticate: AuthenticateBearer;
    readonly onceOnly: OnceOnly;
  };
  /** Needed where a route is for operators: their POSTs take an Idempotency-Key like everybody's. */
  readonly operators?: { readonly table: Table; readonly onceOnly: OnceOnly };
  /** Needed where a route is for people who are signed in at the gateway. */
  readonly sessions?: { readonly table: Table; readonly authenticate: AuthenticateSession };
  /** Told of every refusal of a bearer's or an operator's call, for the audit (M17). */
  readonly onRefusal?: OnRefusal;
  /** Told of refusals where it is not known who calls. */
  readonly onStranger?: OnStranger;
  /** How the function that gets what fits no route answers it. */
  readonly unknown?: (event: APIGatewayProxyEventV2) => UnknownRoute;
  /** Needed where a route answers pages. */
  readonly refusalPage?: RefusalPage;
};

/** The Lambda handler of one capability: API Gateway's payload 2.0 in, one reply out, never a throw. */
export function httpFunction(definition: HttpFunction) {
  const endpoints = new Map(definition.endpoints.map((entry) => [routeKey(entry.route), entry]));
  const missing = definition.routes.filter((route) => !endpoints.has(routeKey(route)));
  if (missing.length > 0) throw new Error(`Routes without an endpoint: ${missing.map(routeKey).join(', ')}`);
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
    .use(
      httpSecurityHeaders({
        // Without `preload`: that is a promise about the owner's whole domain.
        strictTransportSecurity: { maxAge: 63_072_000, includeSubDomains: true, preload: false },
        frameOptions: { action: 'deny' },
        // Never a path (S4). Under `no-referrer` browsers send `Origin: null` with our own forms (S15).
        referrerPolicy: { policy: 'strict-origin' },
        // The defaults of both cannot be taken out one by one: `sandbox` would block every form, and browsers
        // complain of half the list of features on each page. See below.
        contentSecurityPolicy: false,
        permissionsPolicy: false,
      }),
    )
    .handler((event: APIGatewayProxyEventV2) => respond(definition, endpoints, event));
}

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');
const PERMISSIONS_POLICY = ['camera', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

const UNKNOWN_ROUTE = { style: 'v2', auth: 'public', refusal: { reason: 'route_unknown' } } as const;

async function respond(
  definition: HttpFunction,
  endpoints: ReadonlyMap<string, Endpoint>,
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const origin = originOf(event);
  const entry = endpoints.get(event.routeKey);
  const style = entry?.route ?? UNKNOWN_ROUTE;
  const reply = await answer(definition, entry, event, origin).catch((error: unknown) => {
    const { correlationId } = origin;
    if (error instanceof Error && error.name === 'CompanyEndedError') {
      const ended = { reason: 'token_dead', because: 'tenant_suspended' } as const;
      return refusalReply(style, ended, correlationId, definition.refusalPage);
    }
    if (isBusy(error)) {
      logError('request_busy', { correlationId, routeKey: event.routeKey, ...errorFields(error) });
      const busy = { reason: 'busy', retryAfterSeconds: BUSY_RETRY_SECONDS } as const;
      return refusalReply(style, busy, correlationId, definition.refusalPage);
    }
    logError('request_failed', { correlationId, routeKey: event.routeKey, ...errorFields(error) });
    return faultReply(style, correlationId, definition.refusalPage);
  });
  reply.headers['content-security-policy'] = CONTENT_SECURITY_POLICY;
  reply.headers['permissions-policy'] = PERMISSIONS_POLICY;
  reply.headers['x-correlation-id'] = origin.correlationId;
  return reply;
}

async function answer(
  definition: HttpFunction,
  entry: Endpoint | undefined,
  event: APIGatewayProxyEventV2,
  origin: Origin,
) {
  if (entry === undefined) {
    const { style, refusal } = definition.unknown?.(event) ?? UNKNOWN_ROUTE;
    return refusalReply({ style, auth: 'public' }, refusal, origin.correlationId, definition.refusalPage);
  }
  const { route } = entry;
  const actor = await actorOf(definition, route, event);
  if (!actor.ok) {
    await definition.onStranger?.(actor.refusal, route, event, origin);
    return refusalReply(route, actor.refusal, origin.correlationId, definition.refusalPage);
  }
  const caller = actor.value;
  const perform = (keep: Keep) => performOnce(definition, entry, event, caller, origin, keep);
  const client = clientAmong(caller);
  const keys = client?.kind === 'operator' ? definition.operators : definition.bearer;
  const keyed = client ? keyedRequest(route, event, client) : granted(undefined);
  const refuse = async (refusal: Refusal) => {
    if (client) await definition.onRefusal?.(refusal, route, client, event, origin);
    return refusalReply(route, refusal, origin.correlationId, definition.refusalPage);
  };
  const quota = caller?.kind === 'employee' ? caller.quota : undefined;
  // Before any kept reply is looked at: it shall not outlive the right to it (M18).
  const right = caller?.kind === 'employee' ? rightMissing(route, caller) : undefined;
  if (right !== undefined) return withQuota(await refuse({ reason: 'right_missing', right }), quota);
  if (!keyed.ok) return withQuota(await refuse(keyed.refusal), quota);
  if (keyed.value === undefined || keys === undefined) {
    return withQuota((await perform(() => [])).reply, quota);
  }
  const once = await keys.onceOnly(keys.table, keyed.value, perform);
  return withQuota(once.ok ? once.value : await refuse(once.refusal), quota);
}

type Keep = Call<Route>['keep'];

async function performOnce(
  definition: HttpFunction,
  entry: Endpoint,
  event: APIGatewayProxyEventV2,
  actor: Actor | undefined,
  origin: Origin,
  keep: Keep,
): Promise<Performed> {
  const { route } = entry;
  const outcome = await run(entry, event, actor, origin, keep);
  if (outcome.ok) return { reply: answerReply(outcome.value), lasting: true };
  const { refusal } = outcome;
  const client = clientAmong(actor);
  if (client) await definition.onRefusal?.(refusal, route, client, event, origin);
  if (actor === undefined) await definition.onStranger?.(refusal, route, event, origin);
  const reply = refusalReply(route, refusal, origin.correlationId, definition.refusalPage);
  return { reply, lasting: LASTING_STATUSES.has(reply.statusCode ?? 0) && !PASSING.has(refusal.reason) };
}

/** Decided by the endpoint. Whoever mended a body, waited, or got a right, may send it again under the same key. */
const LASTING_STATUSES = new Set([403, 404, 409, 410, 422]);
const PASSING: ReadonlySet<string> = new Set([
  'changed_meanwhile',
  'link_in_use',
  'right_missing',
  'beyond_own_rights',
]);

async function run(
  entry: Endpoint,
  event: APIGatewayProxyEventV2,
  actor: Actor | undefined,
  origin: Origin,
  keep: Keep,
) {
  const input = await parseInput(entry.route, event);
  if (!input.ok) return input;
  const call = {
    ...input.value,
    actor,
    origin,
    now: systemClock(),
    headers: event.headers,
    cookies: cookiesOf(event),
    keep,
  };
  // The call was parsed and authorised by this endpoint's own route, which is what its type asks for.
  return entry.run(call as never);
}

type Actor = BearerActor | OperatorActor | SessionActor;

/** Who calls the API, and no page of the gateway. */
const clientAmong = (actor: Actor | undefined) => (actor?.kind === 'session' ? undefined : actor);

/** Where every colleague may look, a customer's own people may only with the right that the route names. */
function rightMissing({ right, externalRight }: Route, actor: BearerActor): Right | undefined {
  const needed = [right ?? undefined, isInternal(actor.employee.userType) ? undefined : externalRight];
  return needed.find((one) => one !== undefined && !hasRight(actor.roles, one));
}

async function actorOf(
  definition: HttpFunction,
  route: Route,
  event: APIGatewayProxyEventV2,
): Promise<Decision<Actor | undefined, BearerRefusal | SessionRefusal>> {
  if (route.auth === 'public') return granted(undefined);
  if (route.auth === 'operator') {
    const arn = iamArn(event);
    return arn === undefined ? refused({ reason: 'token_missing' }) : granted({ kind: 'operator', arn });
  }
  if (route.auth === 'session') {
    if (definition.sessions === undefined) throw new Error('A function with session routes needs `sessions`');
    return definition.sessions.authenticate(definition.sessions.table, cookiesOf(event), systemClock());
  }
  if (definition.bearer === undefined) throw new Error('A function with bearer routes needs `bearer`');
  // The right is asked for in `answer`: by then it is known who lacks it, and the audit can say so (M17).
  return definition.bearer.authenticate(event.headers.authorization, route.operationId);
}

/** Put there by API Gateway once it has checked the signature; a caller cannot. */
function iamArn(event: APIGatewayProxyEventV2): string | undefined {
  const context: object & { authorizer?: { iam?: { userArn?: string } } } = { ...event.requestContext };
  return context.authorizer?.iam?.userArn;
}

export function originOf(event: APIGatewayProxyEventV2): Origin {
  const { http, requestId } = event.requestContext;
  return {
    network: networkOf(http.sourceIp),
    sourceAddress: http.sourceIp,
    // Where a client names none, AWS does not say whether the field is empty or absent. The cut may part a character.
    userAgent: (http.userAgent ?? '').slice(0, 256).toWellFormed(),
    correlationId: requestId,
  };
}

/** IPv4 /32 or IPv6 /64, of the address that API Gateway saw; never of a client's header. */
export function networkOf(sourceIp: string): string {
  if (!sourceIp.includes(':')) return sourceIp;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(sourceIp)?.[1];
  if (mapped) return mapped;
  const [head = '', tail] = sourceIp.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => group.toLowerCase().replace(/^0+(?=.)/, '')).join(':')}::/64`;
}

function cookiesOf(event: APIGatewayProxyEventV2): Record<string, string> {
  return Object.fromEntries(
    (event.cookies ?? []).map((cookie) => {
      const at = cookie.indexOf('=');
      return [cookie.slice(0, at), cookie.slice(at + 1)];
    }),
  );
}

const BUSY_RETRY_SECONDS = 2;
const BUSY_ERRORS = new Set([
  'StoreBusyError',
  'KeySetError',
  'ThrottlingException',
  'TooManyRequestsException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'TransactionConflictException',
  'TransactionInProgressException',
  'UnexpectedLambdaException',
  // The pre-token trigger threw: of users that our functions sign in it refuses none but where Cognito failed it.
  'UserLambdaValidationException',
  'TimeoutError',
]);
/** A dependency that cannot be reached, as Node names it. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Dependencies that are throttled or down: 503 with Retry-After (R9). */
function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (BUSY_ERRORS.has(error.name)) return true;
  if ('code' in error && UNREACHABLE.has(String(error.code))) return true;
  // Whatever it is called: the page of a load balancer on the way has no name at all.
  const { $metadata }: Error & { readonly $metadata?: { readonly httpStatusCode?: number } } = error;
  const status = $metadata?.httpStatusCode ?? 0;
  return status === 429 || status >= 500;
}
