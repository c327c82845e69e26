/** What a deployment must answer to a stranger. Each check returns what is wrong, or a remark, or nothing. */
import { documentSource } from '../openapi/source.ts';
import { challenge, type Finding, get, ok, post, type Reach, remark, wrong } from './smoke-reach.ts';

export type Check = { readonly what: string; readonly run: (reach: Reach) => Promise<Finding> };

const HEADERS: Readonly<Record<string, RegExp>> = {
  'strict-transport-security': /max-age=\d{8,}/,
  'content-security-policy': /frame-ancestors 'none'/,
  'x-content-type-options': /nosniff/,
  'x-frame-options': /deny/i,
  'referrer-policy': /strict-origin/,
  'x-correlation-id': /./,
};
const PATH_VALUE = '1';

export const checks: readonly Check[] = [
  {
    what: 'GET /health answers that the API is up',
    run: async (reach) => {
      const { status, text } = await get(reach, '/health');
      return status === 200 && text.includes('ok') ? ok : wrong(`${status}: ${text.slice(0, 80)}`);
    },
  },
  {
    what: 'GET /openapi.json is the description of this very version',
    run: async (reach) => {
      const { status, text } = await get(reach, '/openapi.json');
      if (status !== 200) return wrong(`status ${status}`);
      const served = Object.keys((JSON.parse(text) as { paths: object }).paths).length;
      const known = new Set(routes().map(({ path }) => path)).size;
      return served === known
        ? ok
        : wrong(`it lists ${served} paths, this checkout has ${known}: another version`);
    },
  },
  {
    what: 'POST /oauth2/token without credentials: 401, invalid_client, a Basic challenge (RFC 6749 5.2)',
    run: async (reach) => {
      const { status, text, headers } = await post(reach, '/oauth2/token', 'grant_type=client_credentials');
      if (status !== 401) return wrong(`status ${status}`);
      if (!text.includes('invalid_client')) return wrong('the error is not invalid_client');
      if (!/no-store/.test(headers.get('cache-control') ?? '')) return wrong('it may be cached: no no-store');
      return challenge(headers, 'Basic');
    },
  },
  {
    what: 'POST /oauth2/token with a wrong password: the same 401 and challenge',
    run: async (reach) => {
      const authorization = `Basic ${Buffer.from('smoke-test\\nobody:not a password').toString('base64')}`;
      const body = 'grant_type=client_credentials';
      const { status, text, headers } = await post(reach, '/oauth2/token', body, { authorization });
      return status === 401 && text.includes('invalid_client')
        ? challenge(headers, 'Basic')
        : wrong(`${status}: ${text.slice(0, 80)}`);
    },
  },
  {
    what: 'every reply carries the security headers, the screens and the refusals alike',
    run: async (reach) => {
      for (const path of ['/', '/health', '/no-such-path']) {
        const { headers } = await get(reach, path);
        const missing = Object.entries(HEADERS).filter(
          ([name, wanted]) => !wanted.test(headers.get(name) ?? ''),
        );
        if (missing.length > 0) return wrong(`GET ${path} lacks ${missing.map(([name]) => name).join(', ')}`);
        if (headers.has('access-control-allow-origin')) return wrong(`GET ${path} invites other origins`);
      }
      return ok;
    },
  },
  {
    what: 'an unknown path is answered by the API itself, in its envelope',
    run: async (reach) => {
      const { status, text } = await get(reach, '/no-such-path');
      return status === 404 && text.includes('route_unknown') ? ok : wrong(`${status}: ${text.slice(0, 80)}`);
    },
  },
  {
    what: 'every operator route is closed to the unsigned (IAM): 403',
    run: (reach) => closed(reach, 'operator', 403),
  },
  {
    what: 'every bearer route is closed without a token: 401, a Bearer challenge (RFC 6750 3)',
    run: (reach) => closed(reach, 'bearer', 401),
  },
  {
    what: 'a token that is none is refused: 401, a Bearer challenge',
    run: async (reach) => {
      const authorization = 'Bearer e30.e30.e30';
      const { status, headers } = await get(reach, '/v2/security/userinfo', { authorization });
      return status === 401 ? challenge(headers, 'Bearer') : wrong(`status ${status}`);
    },
  },
  {
    what: 'plain HTTP is not served',
    run: async (reach) => {
      const url = new URL(reach.url);
      if (url.protocol !== 'https:') return remark('skipped: the address itself is plain HTTP');
      url.protocol = 'http:';
      const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5000) }).catch(
        () => undefined,
      );
      return answer === undefined || answer.status >= 300 ? ok : wrong(`it answers ${answer.status}`);
    },
  },
];

function routes() {
  return documentSource().capabilities.flatMap((capability) => capability.routes);
}

async function closed(reach: Reach, auth: 'operator' | 'bearer', expected: number): Promise<Finding> {
  for (const { method, path, auth: needed } of routes()) {
    if (needed !== auth) continue;
    const target = path.replaceAll(/\{\w+\}/g, PATH_VALUE);
    const response = await fetch(`${reach.url}${target}`, { method, redirect: 'manual' });
    await response.arrayBuffer();
    if (response.status !== expected) return wrong(`${method} ${path} answers ${response.status}`);
    const challenged = auth === 'bearer' ? challenge(response.headers, 'Bearer') : ok;
    if (!challenged.ok) return wrong(`${method} ${path}: ${challenged.note}`);
  }
  return ok;
}
