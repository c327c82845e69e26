import type * as v from 'valibot';
import type { Refusal } from '../refusal.ts';
import type { Right } from '../rules/rights.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call a route.
 * - `public`: anybody; the endpoint itself decides what it tells.
 * - `bearer`: an access token of this deployment; the actor is loaded afresh on each call (M18).
 * - `session`: a person signed in at the gateway, by cookie; loaded afresh on each request (M18).
 * - `operator`: AWS IAM (SigV4), checked by API Gateway before the function runs.
 */
type Auth = 'public' | 'bearer' | 'session' | 'operator';

/** How replies look: the PSA V2 envelope, the OAuth JSON of RFC 6749, a web page, or plain JSON. */
type ReplyStyle = 'v2' | 'oauth' | 'page' | 'plain';

/** How bodies are encoded, as `Content-Type` names it. `csv` comes as one field of that name. */
export const MEDIA_TYPES = {
  json: 'application/json',
  urlencoded: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
  csv: 'text/csv',
} as const;
type BodyEncoding = keyof typeof MEDIA_TYPES;

type ObjectSchema = v.GenericSchema<unknown, object>;

type BodySpec = {
  readonly encodings: readonly BodyEncoding[];
  readonly schema: ObjectSchema;
  /** Bytes after base64 decoding. Default: `DEFAULT_BODY_LIMIT_BYTES`. */
  readonly limitBytes?: number;
};

/** The caller's own company needs no naming. */
type RouteSubject =
  | { readonly kind: 'employee' | 'role'; readonly param: string }
  | { readonly kind: 'company' };

/** One operation of the API, as data. Readers: CDK, the handlers, the local stack, OpenAPI, the contract test. */
export type Route = {
  readonly method: Method;
  /** As API Gateway writes it: `/v2/hr/employees/{id}`. */
  readonly path: `/${string}`;
  readonly operationId: string;
  readonly summary: string;
  readonly auth: Auth;
  /** The right a bearer needs. `null` says that none beyond a valid token is needed. */
  readonly right: Right | null;
  /** The right that External Employees need, where internal users need none. */
  readonly externalRight?: Right;
  readonly style: ReplyStyle;
  readonly params?: ObjectSchema;
  /** What a change is about, for the audit of those refused (M17): what this part of the path names. */
  readonly subject?: RouteSubject;
  readonly query?: ObjectSchema;
  readonly body?: BodySpec;
  /** Schema of `result` (V2) or of the whole body (others); documentation and contract tests read it. */
  readonly reply: v.GenericSchema;
  /** True when the reply carries `totalRecords`. */
  readonly paged?: boolean;
  /** True when the reply carries the ETag of the one record that the path names, or that the call made. */
  readonly etag?: boolean;
  /** True when the call takes If-Match: it changes one record, whose GET carries an ETag. */
  readonly conditional?: boolean;
  /** Media types of a file that is answered instead of an envelope; `reply` is then its text. */
  readonly download?: readonly string[];
  /** Media type of what a page's style does not say: the screens' own files. */
  readonly mediaType?: string;
  /** What the endpoint itself may refuse, besides what its auth and parsing always may. */
  readonly refusals: readonly Refusal['reason'][];
};

export const DEFAULT_BODY_LIMIT_BYTES = 64 * 1024;

export type RouteKey<R extends Route> = `${R['method']} ${R['path']}`;

export function routeKey<const R extends Route>(route: R): RouteKey<R> {
  return `${route.method} ${route.path}`;
}

/** Repeating a GET, PUT, PATCH or DELETE changes nothing; a repeated POST is told by its Idempotency-Key (R8). */
export function takesIdempotencyKey({ method, auth }: Route): boolean {
  return method === 'POST' && (auth === 'bearer' || auth === 'operator');
}

/** Keeps the literal types of a route, so that endpoints are checked against their own entry. */
export function defineRoute<const R extends Route>(route: R): R {
  return route;
}
