/** Picks a route as an HTTP API does. */

import type { Route } from '../../shared/routes/route.ts';
import type { FunctionDefinition } from '../functions.ts';

export type Match = {
  readonly functionName: string;
  /** `$default` where no route fits. */
  readonly routeKey: string;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly auth: Route['auth'];
};

type Segment = { readonly text: string; readonly parameter: boolean };
type Candidate = {
  readonly functionName: string;
  readonly route: Route;
  readonly segments: readonly Segment[];
};

const segmentsOf = (path: string): Segment[] =>
  path
    .split('/')
    .slice(1)
    .map((part) => {
      const parameter = part.startsWith('{') && part.endsWith('}');
      return { text: parameter ? part.slice(1, -1) : part, parameter };
    });

/** Undefined for what is not valid percent-encoding, which fits no route. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export function makeRouter(functions: readonly FunctionDefinition[]) {
  const candidates: Candidate[] = [];
  let catchAll: string | undefined;
  for (const { name, trigger } of functions) {
    if (trigger.kind !== 'http') continue;
    if (trigger.catchAll) catchAll = name;
    for (const route of trigger.routes) {
      candidates.push({ functionName: name, route, segments: segmentsOf(route.path) });
    }
  }
  // Sorted once, so that the first that fits is the most specific: static text goes before a parameter.
  const rank = ({ segments }: Candidate) => segments.map(({ parameter }) => (parameter ? '1' : '0')).join('');
  candidates.sort((a, b) => rank(a).localeCompare(rank(b)));

  return (method: string, rawPath: string): Match | undefined => {
    const parts = rawPath.split('/').slice(1).map(decode);
    for (const { functionName, route, segments } of candidates) {
      if (route.method !== method) continue;
      const pathParameters = match(segments, parts);
      if (pathParameters === undefined) continue;
      return { functionName, routeKey: `${route.method} ${route.path}`, pathParameters, auth: route.auth };
    }
    return catchAll === undefined
      ? undefined
      : { functionName: catchAll, routeKey: '$default', auth: 'public' };
  };
}

function match(
  segments: readonly Segment[],
  parts: readonly (string | undefined)[],
): Record<string, string> | undefined {
  if (segments.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, { text, parameter }] of segments.entries()) {
    const part = parts[index];
    if (part === undefined || (parameter ? part === '' : part !== text)) return undefined;
    if (parameter) parameters[text] = part;
  }
  return parameters;
}
