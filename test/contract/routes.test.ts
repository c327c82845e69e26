import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, it, test } from 'vitest';
import { functions } from '../../infra/functions.ts';
import { getEmployee } from '../../shared/routes/employees.ts';
import { type Route, routeKey } from '../../shared/routes/route.ts';
import { breaches, routeOf, routes } from '../support/contract.ts';

const root = join(import.meta.dirname, '../..');

const paramOf = (subject: Route['subject']) =>
  subject !== undefined && 'param' in subject ? subject.param : undefined;

describe('the route table', () => {
  it('names each route and each operation once', () => {
    expect(new Set(routes.map(routeKey)).size).toBe(routes.length);
    expect(new Set(routes.map((route) => route.operationId)).size).toBe(routes.length);
  });

  test.each(routes.map((route) => [routeKey(route), route] as const))('%s is whole', (_, route) => {
    const parameters = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const entries = route.params !== undefined && 'entries' in route.params ? route.params.entries : {};
    expect(Object.keys(entries as object)).toEqual(parameters);
    expect(route.summary.length).toBeGreaterThan(10);
    // Only bearers have rights; nobody else is asked for one.
    if (route.auth !== 'bearer') expect(route.right).toBeNull();
    // The audit of a refused change says of what it was (M17).
    const changes = route.auth === 'bearer' && route.method !== 'GET';
    if (changes && parameters.length > 0) expect(parameters).toContain(paramOf(route.subject));
    if (route.method === 'GET') expect(route.body).toBeUndefined();
  });

  it('stands in the OpenAPI document route by route', async () => {
    const document = JSON.parse(await readFile(join(root, 'docs/openapi.json'), 'utf8')) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const described = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map((o) => o.operationId),
    );
    expect(described.sort()).toEqual(routes.map((route) => route.operationId).sort());
  });
});

describe('If-Match', () => {
  const records = routes.filter(({ method, etag }) => method === 'GET' && etag).map(({ path }) => path);
  const writes = routes.filter(
    ({ method, path }) =>
      method !== 'GET' && records.some((record) => path === record || path.startsWith(`${record}/`)),
  );

  it('is taken by every write on a record that has an ETag, but for those that leave the record as it is', () => {
    expect(records).toHaveLength(3);
    const unconditional = writes.filter(({ conditional }) => !conditional);
    expect(unconditional.map(({ operationId }) => operationId)).toEqual(['liftThrottle', 'copyRole']);
  });

  test.each(
    routes.filter(({ conditional }) => conditional).map((route) => [routeKey(route), route] as const),
  )('%s may be stale or malformed, and is a write on such a record', (_, route) => {
    expect(route.refusals).toEqual(expect.arrayContaining(['stale', 'invalid_fields']));
    expect(writes).toContain(route);
  });
});

describe('the functions', () => {
  it('are the folders, each with its handler', async () => {
    const folders = (await readdir(join(root, 'functions'), { withFileTypes: true })).filter((entry) =>
      entry.isDirectory(),
    );
    expect(folders.map((entry) => entry.name).sort()).toEqual(functions.map(({ name }) => name).sort());
    for (const { entry } of functions)
      expect(await readFile(join(root, entry), 'utf8')).toMatch(/export (const|async function|\{) ?handler/);
  });

  test.each(functions.map((definition) => [definition.name, definition] as const))(
    '%s reads the variables that it is given',
    async (_, definition) => {
      const sources = await sourcesOf(join(root, definition.entry));
      for (const name of definition.environment) expect(sources).toContain(`'${name}'`);
    },
  );
});

describe('the check of replies', () => {
  const reply = { success: true, error: null, result: { id: 'x' } };

  it('finds the route of a path, static before parameter', () => {
    expect(routeOf('GET', '/v2/hr/employees/17?x=1')?.operationId).toBe('getEmployee');
    expect(routeOf('GET', '/nothing')).toBeUndefined();
  });

  it('catches a result that is not what the table says, and an undeclared reason', () => {
    expect(breaches(getEmployee, reply).length).toBeGreaterThan(0);
    const error = { code: 1, reason: 'company_taken', message: '', subErrors: [], correlationId: '' };
    expect(breaches(getEmployee, { success: false, error, result: null })).toHaveLength(1);
  });
});

/** The text of a handler and of all that it imports from this project. */
async function sourcesOf(file: string, seen = new Set<string>()): Promise<string> {
  if (seen.has(file)) return '';
  seen.add(file);
  const text = await readFile(file, 'utf8');
  const imports = [...text.matchAll(/from '(\.[^']+\.ts)'/g)].map(([, path = '']) => join(file, '..', path));
  return [text, ...(await Promise.all(imports.map((path) => sourcesOf(path, seen))))].join('\n');
}

/** Of valibot's own sentences, "Invalid type: Expected Object but received …" says the caller's value back. */
describe('a value of a wrong type', () => {
  const withFields = routes.flatMap((route) =>
    route.body?.encodings.includes('json') ? [[routeKey(route), route.body.schema] as const] : [],
  );

  test.each(withFields)('of %s is told of in words of our own', (_, schema) => {
    const values = [null, 5, true, 'x', [], [null], [{}], {}, { hr: 5 }, { hr: [5] }];
    // A pipe has the entries of its object.
    const said = Object.keys('entries' in schema ? (schema.entries as object) : {}).flatMap((name) =>
      values.flatMap((value) => v.safeParse(schema, { [name]: value }).issues ?? []),
    );
    // What is missing and what is unknown, `problemOf` puts in words.
    const raw = said.filter(
      ({ message, received, expected }) =>
        /^Invalid /.test(message) && received !== 'undefined' && expected !== 'never',
    );
    expect(raw.map(({ message }) => message)).toEqual([]);
  });
});
