import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { routeKey } from '../../shared/routes/route.ts';
import { routes } from '../support/contract.ts';
import { stack } from '../support/world.ts';

type Operation = {
  readonly responses: Record<string, { readonly content?: Record<string, unknown> } | undefined>;
};
const document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as {
  readonly paths: Record<string, Record<string, Operation>>;
};

/** Of API Gateway's own making: without a body. */
const ofOurs = routes.filter(({ auth }) => auth !== 'operator');

/** Without a token, a session or a body that fits: what is refused there is refused on most calls. */
test.each(ofOurs.map((route) => [routeKey(route), route] as const))(
  '%s answers in the media type that is documented',
  async (_, { method, path }) => {
    const response = await fetch(`${stack.url}${path.replace(/\{\w+\}/g, '1')}`, {
      method,
      redirect: 'manual',
      ...(method === 'GET' ? {} : { body: 'x', headers: { 'content-type': 'text/plain' } }),
    });
    const documented = document.paths[path]?.[method.toLowerCase()]?.responses[response.status];
    const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
    await response.arrayBuffer();
    expect(documented, String(response.status)).toBeDefined();
    if (response.status !== 303) expect(Object.keys(documented?.content ?? {})).toEqual([type]);
  },
);
