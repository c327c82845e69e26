import * as v from 'valibot';
import { functions } from '../../infra/functions.ts';
import type { Envelope } from '../../infra/local/clients.ts';
import type { Route } from '../../shared/routes/route.ts';

export const routes: readonly Route[] = functions.flatMap(({ trigger }) =>
  trigger.kind === 'http' ? trigger.routes : [],
);

/** What parsing, authentication and outages may answer on any route. */
const ALWAYS_POSSIBLE = new Set([
  'invalid_fields',
  'malformed_body',
  'body_too_large',
  'unsupported_media_type',
  'body_not_taken',
  'token_missing',
  'basic_instead_of_token',
  'token_invalid',
  'token_dead',
  'right_missing',
  'busy',
  'quota_exceeded',
  'idempotency_key_reused',
  'request_in_flight',
]);

/** The entry of the route table that a request falls under. */
export function routeOf(method: string, pathAndQuery: string): Route | undefined {
  const parts = (pathAndQuery.split('?')[0] ?? '').split('/');
  const fits = (route: Route) => {
    const segments = route.path.split('/');
    return (
      route.method === method &&
      segments.length === parts.length &&
      segments.every((segment, index) => segment.startsWith('{') || segment === parts[index])
    );
  };
  const candidates = routes.filter(fits);
  return candidates.find((route) => !route.path.includes('{')) ?? candidates[0];
}

/** What a V2 reply breaks of its route's entry: a result that is not of the schema, a reason not declared. */
export function breaches(route: Route, reply: Envelope): string[] {
  if (reply.success) {
    const parsed = v.safeParse(route.reply, reply.result);
    const problems = (parsed.issues ?? []).map((issue) => `result.${v.getDotPath(issue)} ${issue.message}`);
    return route.paged && reply.totalRecords === undefined
      ? [...problems, 'totalRecords is missing']
      : problems;
  }
  const reason = reply.error?.reason ?? '';
  const declared: readonly string[] = route.refusals;
  return ALWAYS_POSSIBLE.has(reason) || declared.includes(reason)
    ? []
    : [`${route.operationId} does not declare the reason ${reason}`];
}
