import { expect, test } from 'vitest';
import { routes } from '../support/contract.ts';
import { stack } from '../support/world.ts';

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(`${stack.url}${path}`, { method, headers, redirect: 'manual' });

test.each([
  ['GET', '/oauth2/token', 'POST'],
  ['PUT', '/v2/hr/employees/7', 'DELETE, GET, PATCH'],
  ['PUT', '/v2/hr/employees', 'GET, POST'],
  ['HEAD', '/health', 'GET'],
  ['OPTIONS', '/v2/security/userinfo', 'GET'],
  ['DELETE', '/', 'GET, POST'],
])('%s %s is 405, with the methods that there are', async (method, path, allow) => {
  const reply = await ask(method, path);
  expect(reply.status).toBe(405);
  expect(reply.headers.get('allow')).toBe(allow);
  if (method === 'HEAD') expect(await reply.text()).toBe('');
  else expect(await reply.text()).toContain('method_unknown');
});

const byPath = Map.groupBy(routes, ({ path }) => path.replace(/\{\w+\}/g, '7'));

test.each([...byPath])(
  '%s answers HEAD, OPTIONS and unknown methods with 405, and names its own',
  async (path, own) => {
    const allow = own
      .map(({ method }) => method)
      .sort()
      .join(', ');
    for (const method of ['HEAD', 'OPTIONS', 'PROPFIND']) {
      for (const accept of ['*/*', 'text/html']) {
        const reply = await ask(method, path, { accept });
        expect([method, reply.status, reply.headers.get('allow')]).toEqual([method, 405, allow]);
        expect(reply.headers.get('access-control-allow-origin')).toBeNull();
      }
    }
  },
);

test.each(['/oauth2/token', '/api/token', '/oauth2/nothing'])(
  '%s answers in the form of OAuth',
  async (path) => {
    const body = (await (await ask('GET', path)).json()) as Record<string, unknown>;
    expect(Object.keys(body).sort()).toEqual(['correlation_id', 'error', 'error_description', 'reason']);
    expect(body.error).toBe('invalid_request');
  },
);

test.each([
  '/v2/hr/nothing',
  '/v2/hr/employees/',
  '/health/',
  '/v2/hr/employees//auditlog',
  // No UTF-8, so no id: GET is what this address takes, and 405 would say that it is not.
  '/v2/hr/employees/%FF',
])('%s is 404', async (path) => {
  const reply = await ask('GET', path);
  expect(reply.status).toBe(404);
  expect(await reply.json()).toMatchObject({ success: false, error: { reason: 'route_unknown' } });
});

test('a browser gets a page with a way to the gateway', async () => {
  const reply = await ask('GET', '/acount', { accept: 'text/html,application/xhtml+xml' });
  expect(reply.status).toBe(404);
  expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await reply.text()).toMatch(/There is no such page\.[\s\S]*href="\/"/);
});
