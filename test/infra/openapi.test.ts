import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openApiDocument } from '../../infra/openapi/document.ts';
import { documentSource } from '../../infra/openapi/source.ts';
import { EXTERNAL_ROLE_MESSAGE } from '../../shared/http/refusals.ts';
import { refusalReply } from '../../shared/http/reply.ts';
import { updateEmployee } from '../../shared/routes/employees.ts';
import type { Route } from '../../shared/routes/route.ts';

type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly Record<string, unknown>[];
  readonly parameters?: readonly { name: string; in: string; required: boolean; schema: unknown }[];
  readonly requestBody?: { readonly content: Record<string, { schema: unknown }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: unknown }> }>;
};
type Document = { readonly openapi: string; readonly paths: Record<string, Record<string, Operation>> };

const source = documentSource();
const document = openApiDocument(source) as Document;
const routes = source.capabilities.flatMap((capability) => capability.routes);

const documented = ({ path, method }: Pick<Route, 'path' | 'method'>): Operation => {
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`${method} ${path} is not documented.`);
  return operation;
};

test('docs/openapi.json is what the route tables say (npm run openapi)', () => {
  const written = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
  expect(written).toBe(`${JSON.stringify(openApiDocument(source), undefined, 2)}\n`);
});

test('the document has the routes and nothing else, each operationId once', () => {
  const ids = Object.values(document.paths).flatMap((item) =>
    Object.values(item).map((entry) => entry.operationId),
  );
  expect(ids.sort()).toEqual(routes.map((route) => route.operationId).sort());
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each([...routes])('$operationId', (route) => {
  const operation = documented(route);

  test('says who may call it', () => {
    const basic = route.path === '/oauth2/token';
    const either = ['/oauth2/revoke', '/oauth2/introspect'].includes(route.path);
    const open = either ? [{ basicAuth: [] }, { bearerAuth: [] }] : basic ? [{ basicAuth: [] }] : [];
    const v1 = route.path === '/api/token';
    const expected = {
      public: v1 ? [{}, { basicAuth: [] }] : open,
      bearer: [{ bearerAuth: [] }],
      session: [{ gatewaySession: [] }],
      operator: [{ awsSigv4: [] }],
    };
    expect(operation.security).toEqual(expected[route.auth]);
    expect(operation.summary).toBe(route.summary);
  });

  test('lists each refusal under the status that it is told by', () => {
    for (const reason of route.refusals) {
      expect(operation.responses[source.statusOf(route, reason)]?.description).toContain(`\`${reason}\``);
    }
  });

  test('names every variable of its path', () => {
    const variables = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const named = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(named.map(({ name }) => name)).toEqual(variables);
    expect(named.every(({ required }) => required)).toBe(true);
  });

  test('takes a body in the encodings that its route accepts', () => {
    expect(Object.keys(operation.requestBody?.content ?? {})).toHaveLength(route.body?.encodings.length ?? 0);
  });
});

test('the status is the one of the reply itself, OAuth included', () => {
  const { statusCode } = refusalReply(
    updateEmployee,
    { reason: 'external_role_on_internal_user', roles: ['External User'] },
    'c',
  );
  expect(EXTERNAL_ROLE_MESSAGE).toContain('external roles');
  expect(documented(updateEmployee).responses[String(statusCode)]?.description).toContain(
    'external_role_on_internal_user',
  );
  const token = documented({ method: 'POST', path: '/oauth2/token' });
  expect(token.responses['400']?.description).toContain('role_without_api_access');
  expect(token.responses['401']?.description).toContain('credentials_wrong');
});

test('the document says where it is served, and for each call what a client may have done wrong', () => {
  expect(openApiDocument(source)).toMatchObject({
    servers: [{ url: '/' }],
    info: { license: { name: expect.any(String) } },
  });
  for (const route of routes) {
    expect(Object.keys(documented(route).responses).some((status) => status.startsWith('4'))).toBe(true);
  }
});

test('numbers in a query are numbers, with their bounds', () => {
  const { parameters } = documented({ method: 'GET', path: '/v2/hr/employees' });
  expect(parameters?.find(({ name }) => name === 'PageSize')).toEqual({
    name: 'PageSize',
    in: 'query',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 500 },
  });
});

test('a list has the envelope with its total; a check is told in words', () => {
  const reply = documented({ method: 'GET', path: '/v2/hr/employees' }).responses['200'];
  expect(reply?.content?.['application/json']?.schema).toMatchObject({
    properties: { success: { const: true }, result: { type: 'array' }, totalRecords: { type: 'integer' } },
  });
  const body = documented({ method: 'POST', path: '/v2/hr/employees' }).requestBody?.content[
    'application/json'
  ];
  expect(body?.schema).toMatchObject({
    properties: {
      firstName: { type: 'string', description: expect.stringContaining('at most 64 characters') },
    },
    required: ['userName', 'userType', 'firstName', 'lastName'],
    additionalProperties: false,
  });
});

test('every reference leads somewhere', () => {
  const text = JSON.stringify(document);
  for (const [, pointer = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const target = pointer
      .split('/')
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)?.[key], document);
    expect(target, pointer).toBeDefined();
  }
});
