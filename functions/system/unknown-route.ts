import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { UnknownRoute } from '../../shared/http/http-function.ts';

/** The paths of an OpenAPI document, each with its methods. */
type Paths = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * What came for no route. Where the path is one of ours, its methods are named (RFC 9110 15.5.6); HEAD is none of
 * them, as an HTTP API has no HEAD of its own. Answered in the form of whoever asks: OAuth, a browser, a program.
 */
export const unknownRoute =
  (paths: Paths) =>
  ({ rawPath, headers, requestContext }: APIGatewayProxyEventV2): UnknownRoute => {
    const allowed = methodsOf(paths, rawPath);
    const oauth = rawPath.startsWith('/oauth2/') || rawPath === '/api/token';
    const page = !oauth && headers.accept?.includes('text/html') === true;
    const style = oauth ? 'oauth' : page ? 'page' : 'v2';
    // What came by a method that the path takes was routed nowhere for another reason: it cannot be decoded (`%FF`).
    const takesMethod = allowed.includes(requestContext.http.method);
    if (allowed.length > 0 && !takesMethod) return { style, refusal: { reason: 'method_unknown', allowed } };
    return { style, refusal: { reason: page ? 'page_unknown' : 'route_unknown' } };
  };

/** Of the path that fits best: `/employees/lookup` is no employee, though `{id}` would fit it too. */
function methodsOf(paths: Paths, rawPath: string): string[] {
  const parts = rawPath.split('/');
  const fits = ([path]: [string, unknown]) => {
    const segments = path.split('/');
    return (
      segments.length === parts.length &&
      segments.every((segment, at) => (segment.startsWith('{') ? parts[at] !== '' : segment === parts[at]))
    );
  };
  const found = Object.entries(paths).filter(fits);
  const [, item = {}] = found.find(([path]) => path === rawPath) ?? found[0] ?? [];
  return Object.keys(item)
    .map((method) => method.toUpperCase())
    .sort();
}
