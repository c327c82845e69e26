import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type * as v from 'valibot';
import { beforeAll, describe, expect, it, test, vi } from 'vitest';
import { signedHeaders } from '../../infra/cli/signed-fetch.ts';
import { Browser, type Envelope, formField } from '../../infra/local/clients.ts';
import { cursorScope } from '../../shared/http/cursor.ts';
import { type Route, routeKey } from '../../shared/routes/route.ts';
import { routes } from '../support/contract.ts';
import {
  newApiAccount,
  newTenant,
  operatorRequest,
  PASSWORD,
  request,
  stack,
  type Tenant,
} from '../support/world.ts';

/** What a route does not take is refused, on every route of the table (mission: unknown fields by name). */

let tenant: Tenant;
let session: string;
beforeAll(async () => {
  tenant = await newTenant();
  const browser = new Browser();
  const gateway = `${stack.url}/`;
  const { html } = await browser.get(gateway);
  const formToken = formField(html, 'formToken');
  const fields = { company: tenant.name, userName: 'alice', password: PASSWORD, formToken };
  expect((await browser.post(gateway, fields)).url).toContain('/account');
  session = browser.cookies.get('__Host-session') ?? '';
  expect(session).not.toBe('');
});

type Sent = { readonly query?: string; readonly body?: string; readonly type?: string };
type Got = { readonly status: number; readonly body: string; readonly error: Envelope['error'] };

/** As somebody who may call it; of what the path names there is none. Fetch would send no body with a GET. */
async function send(route: Route, { query = '', body, type = 'application/json' }: Sent): Promise<Got> {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name) =>
    /id$/i.test(name) ? '2147483647' : 'no-such-one',
  );
  const url = `${stack.url}${path}${query && `?${query}`}`;
  const { method } = route;
  const content = body === undefined ? {} : { 'content-type': type };
  const credentials = { credentials: stack.operator, region: stack.operator.region };
  const headers = {
    public: async () => content,
    bearer: async () => ({ ...content, authorization: `Bearer ${tenant.admin}` }),
    session: async () => ({ ...content, cookie: `__Host-session=${session}` }),
    operator: () =>
      signedHeaders(url, {
        method,
        headers: content,
        ...credentials,
        ...(body === undefined ? {} : { body }),
      }),
  }[route.auth];
  const sent = await headers();
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    httpRequest(url, { method, headers: { ...sent, ...length } }, async (response) => {
      const received = await text(response);
      const isJson = response.headers['content-type']?.startsWith('application/json') === true;
      const error = isJson ? ((JSON.parse(received) as Partial<Envelope>).error ?? null) : null;
      resolve({ status: response.statusCode ?? 0, body: received, error });
    })
      .on('error', reject)
      .end(body);
  });
}

/** A body that the route can read, with nothing in it. */
function emptyBody({ body }: Route): Sent {
  if (body === undefined) return {};
  if (body.encodings.includes('json')) return { body: '{}' };
  if (body.encodings.includes('csv')) return { body: 'userName\n', type: 'text/csv' };
  return { body: 'grant_type=client_credentials', type: 'application/x-www-form-urlencoded' };
}

const named = (of: readonly Route[]) => of.map((route) => [routeKey(route), route] as const);
const entriesOf = ({ query }: Route) =>
  query !== undefined && 'entries' in query ? (query.entries as Record<string, v.GenericSchema>) : {};
const isList = (schema: v.GenericSchema): boolean =>
  schema.type === 'array' || ('wrapped' in schema && isList(schema.wrapped as v.GenericSchema));

/** OAuth ignores what it does not know (RFC 6749 3.2), pages what their addresses picked up on the way. */
const lenient = routes.filter(({ style }) => style === 'oauth' || style === 'page');
const strict = routes.filter((route) => !lenient.includes(route));

describe('a query parameter that the route does not know', () => {
  test.each(named(strict))('%s refuses by name', async (_, route) => {
    const reply = await send(route, { ...emptyBody(route), query: 'Surprise=1&surprise.too=' });
    expect(reply.status).toBe(400);
    expect(reply.error?.reason).toBe('invalid_fields');
    const problems = ['Surprise is not a field of this call', 'surprise.too is not a field of this call'];
    expect(reply.error?.subErrors).toEqual(expect.arrayContaining(problems));
  });

  test.each(named(lenient))('%s ignores', async (_, route) => {
    const without = await send(route, emptyBody(route));
    const query = 'Surprise=1&utm_source=mail&utm_source=again&utm_city=K%F6ln';
    const reply = await send(route, { ...emptyBody(route), query });
    expect(reply.status).toBe(without.status);
    expect(reply.body).not.toMatch(/Surprise|utm_(source|city)/i);
  });
});

describe('a query parameter given twice', () => {
  const doubled = routes.flatMap((route) =>
    Object.entries(entriesOf(route)).flatMap(([name, schema]) =>
      isList(schema) ? [] : [[`${routeKey(route)}?${name}`, route, name] as const],
    ),
  );

  test.each(doubled)('%s is refused, whatever its spelling', async (_, route, name) => {
    const reply = await send(route, { ...emptyBody(route), query: `${name}=1&${name.toLowerCase()}=2` });
    expect(reply.status).toBe(400);
    expect(reply.body).toContain(`${name} is given more than once`);
  });
});

describe('a body that the route does not take', () => {
  const bodyless = routes.filter(({ body }) => body === undefined);

  test.each(named(bodyless))('%s refuses', async (_, route) => {
    for (const sent of [
      { body: '{"isActive":true}' },
      { body: 'isActive=true', type: 'application/x-www-form-urlencoded' },
      { body: 'null' },
    ]) {
      const reply = await send(route, sent);
      expect(reply.status).toBe(400);
      if (route.style === 'page') expect(reply.body).toContain('takes no body');
      else expect(reply.error?.reason).toBe('body_not_taken');
    }
  });

  test.each(named(bodyless))('%s takes an empty object for none', async (_, route) => {
    const without = await send(route, {});
    for (const body of ['{}', ' { } \n']) expect((await send(route, { body })).status).toBe(without.status);
  });
});

describe('an empty query parameter', () => {
  const needed: Record<string, string> = {
    From: '2026-11-01',
    To: '2026-11-02',
    Format: 'csv',
    Confirm: 'x',
  };
  const reading = routes.filter(({ method, style }) => method === 'GET' && style === 'v2');
  const isNeeded = (schema: v.GenericSchema) => schema.type !== 'optional';
  const params = (route: Route) =>
    Object.entries(entriesOf(route)).map(([name, schema]) => [name, isNeeded(schema)] as const);
  const base = (route: Route) =>
    params(route).flatMap(([name, must]) => (must ? [`${name}=${needed[name]}`] : []));
  /** Signs in any order: maps of the table come back in another one at each read. */
  const shape = ({ status, body }: Got) => [
    status,
    Array.from(body.replace(/"correlationId":"[^"]*"/, ''))
      .sort()
      .join(''),
  ];

  test.each(
    reading.flatMap((route) =>
      params(route).map(([name, must]) => [routeKey(route), name, must, route] as const),
    ),
  )('%s: %s= counts as left out', async (_, name, must, route) => {
    const others = base(route).filter((pair) => !pair.startsWith(`${name}=`));
    // In a signed address a plus is no space.
    for (const value of ['', '%20', ...(route.auth === 'operator' ? [] : ['+'])]) {
      // Between the two calls another test may make or remove a company, which operators see.
      await vi.waitFor(async () => {
        const without = await send(route, { query: others.join('&') });
        const reply = await send(route, { query: [...others, `${name}=${value}`].join('&') });
        expect(shape(reply)).toEqual(shape(without));
        if (must) expect(reply.error?.subErrors).toContain(`${name} is required`);
      }, 5000);
    }
  });

  it('of a call that changes something is refused: an import would be in earnest', async () => {
    const reply = await request('POST', '/v2/hr/employees/import?DryRun=', {
      token: tenant.admin,
      headers: { 'content-type': 'text/csv' },
      body: 'userName,userType,firstName,lastName\nx,API Employee,A,B\n',
    });
    expect(reply.error?.subErrors).toEqual(['DryRun must be true or false']);
  });
});

describe('text that is no Unicode, which DynamoDB and Cognito cannot read, is refused and no fault of ours', () => {
  const LONE = 'A\ud800';
  const json = routes.filter(({ body }) => body?.encodings.includes('json'));

  test.each(named(json))('%s', async (_, route) => {
    const { entries = {} } = (route.body?.schema ?? {}) as { entries?: object };
    const body = JSON.stringify(Object.fromEntries(Object.keys(entries).map((name) => [name, LONE])));
    expect(await send(route, { body })).toMatchObject({ status: 400, error: { reason: 'malformed_body' } });
  });

  test.each([
    ['a pair of surrogates', '\\ud83d\\ude00', true],
    ['a pair the wrong way round', '\\ude00\\ud83d', false],
    ['a high one before another escape', '\\ud83d\\n', false],
    ['a backslash and the letters of a low one', '\\ud83d\\\\ude00', false],
    ['a backslash and the letters of one', '\\\\ud83d', true],
    ['two backslashes and one', '\\\\\\ud83d', false],
  ])('in JSON that spells %s', async (_, spelt, taken) => {
    const body = `{"Tenant":"${tenant.name}","UserName":"${spelt}"}`;
    const headers = { 'content-type': 'application/json' };
    const reply = await request('POST', '/v2/security/passwordreset', { body, headers });
    expect(reply.status).toBe(taken ? 200 : 400);
  });

  test.each(['UserName', 'Tenant', 'Password'])('in a field of a form, by its charset: %s', async (odd) => {
    const fields = { GrantType: 'password', UserName: 'alice', Tenant: tenant.name, Password: PASSWORD };
    const parts = Object.entries(fields).flatMap(([name, value]) => [
      `--X\r\nContent-Disposition: form-data; name="${name}"\r\n`,
      name === odd ? 'Content-Type: text/plain; charset=utf-16le\r\n\r\n' : '\r\n',
      Buffer.from(name === odd ? LONE : value, name === odd ? 'utf16le' : 'utf8'),
      '\r\n',
    ]);
    const body = Buffer.concat([...parts, '--X--\r\n'].map((part) => Buffer.from(part)));
    const headers = { 'content-type': 'multipart/form-data; boundary=X' };
    const reply = await fetch(`${stack.url}/v2/security/authenticate`, { method: 'POST', body, headers });
    const { error } = (await reply.json()) as Envelope;
    expect(error?.subErrors).toEqual([`${odd} must be well-formed Unicode`]);
  });

  it('in a cursor', async () => {
    const scope = cursorScope('listEmployees', { Sort: { field: 'Name', descending: false } });
    const cursor = Buffer.from(`${scope}${JSON.stringify([LONE, 1])}`).toString('base64url');
    const reply = await request('GET', `/v2/hr/employees?Cursor=${cursor}`, { token: tenant.admin });
    expect(reply).toMatchObject({ status: 400, error: { reason: 'cursor_unusable' } });
  });
});

describe('a cursor', () => {
  const byCursor = routes.filter((route) => 'Cursor' in entriesOf(route));

  test.each(named(byCursor))('%s refuses one that is no cursor', async (_, route) => {
    const needed = 'Format' in entriesOf(route) ? `From=${new Date().toISOString()}&Format=csv&` : '';
    for (const cursor of ['AAAA', '%25', Buffer.from('12345678x').toString('base64url')]) {
      const reply = await send(route, { query: `${needed}Cursor=${cursor}` });
      expect(reply).toMatchObject({ status: 400, error: { reason: 'cursor_unusable' } });
    }
  });

  it('of the audit is refused that names no day: DynamoDB takes no range that ends before it begins', async () => {
    const scope = cursorScope('listAudit', {});
    for (const [day, status] of Object.entries({ '2026-02-28': 200, '2026-02-30': 400, '2026-13-01': 400 })) {
      const cursor = Buffer.from(`${scope}${day}T00:00:00.000Z`).toString('base64url');
      const reply = await request('GET', `/v2/admin/security/auditlog?Cursor=${cursor}`, {
        token: tenant.admin,
      });
      expect([day, reply.status]).toEqual([day, status]);
    }
  });

  describe('of another list, order or filter', () => {
    const log = '/v2/admin/security/auditlog';
    const get = (path: string) => request('GET', path, { token: tenant.admin });
    const cursorOf = async (path: string) => {
      const cursor = (await get(path)).nextCursor ?? undefined;
      expect(cursor).toBeDefined();
      return cursor;
    };
    let bot: { id: number };
    beforeAll(async () => {
      bot = await newApiAccount(tenant);
    });

    test.each([
      ['/v2/hr/employees?PageSize=1', '/v2/hr/employees?Filter.IsActive=true'],
      ['/v2/hr/employees?PageSize=1', '/v2/hr/employees?Sort=-Name'],
      ['/v2/hr/employees?PageSize=1&Filter.Text=example', '/v2/hr/employees?Filter.Text=bot'],
      ['/v2/hr/employees?PageSize=1', `${log}?PageSize=1`],
      [`${log}?PageSize=1`, '/v2/hr/employees?PageSize=1'],
      [`${log}?PageSize=1`, `${log}?Filter.Outcome=refused`],
      [`${log}?PageSize=1`, `${log}/export?From=2026-11-01&Format=csv`],
      [`${log}?PageSize=1&From=2026-01-01`, `${log}?From=2026-02-01`],
    ])('made by %s it is refused by %s', async (made, used) => {
      const reply = await get(`${used}&Cursor=${await cursorOf(made)}`);
      expect(reply).toMatchObject({ status: 400, error: { reason: 'cursor_unusable' } });
    });

    it('made by the log of one employee it is refused by that of another', async () => {
      const cursor = await cursorOf(`/v2/hr/employees/${bot.id}/auditlog?PageSize=1`);
      const reply = await get(`/v2/hr/employees/${tenant.adminId}/auditlog?Cursor=${cursor}`);
      expect(reply).toMatchObject({ status: 400, error: { reason: 'cursor_unusable' } });
    });

    it('goes on with pages of another size, and filters spelt in another way', async () => {
      const cursor = await cursorOf('/v2/hr/employees?PageSize=1&Filter.IsActive=TRUE');
      const reply = await get(
        `/v2/hr/employees?pagesize=7&filter.isactive=true&Sort=name%20asc&Filter.Text=&Cursor=${cursor}`,
      );
      expect(reply.status).toBe(200);
    });
  });

  it('of tenants is good for the next page', async () => {
    const { nextCursor } = await operatorRequest('GET', '/v2/platform/tenants?PageSize=1');
    if (nextCursor) {
      expect((await operatorRequest('GET', `/v2/platform/tenants?Cursor=${nextCursor}`)).status).toBe(200);
    }
  });
});

describe('a body in another encoding than UTF-8', () => {
  // API Gateway hands text on as a string, with U+FFFD where bytes were no UTF-8.
  const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
  const person = { userName: 'jurgen', userType: 'API Employee', firstName: 'Jürgen', lastName: 'Groß' };
  const columns = Object.keys(person).join(',');

  test.each([
    ['JSON', '/v2/hr/employees', 'application/json', JSON.stringify(person)],
    ['CSV', '/v2/hr/employees/import', 'text/csv', `${columns}\n${Object.values(person).join(',')}\n`],
  ])('of %s is refused, and no name is stored with characters lost', async (_, path, type, body) => {
    const response = await fetch(`${stack.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${tenant.admin}`, 'content-type': type },
      body: latin1(body),
    });
    const { error } = (await response.json()) as Envelope;
    expect(error).toMatchObject({ code: 400, reason: 'malformed_body' });
    expect(error?.message).toContain('not UTF-8');
    const found = await request('GET', '/v2/hr/employees?Filter.Text=jurgen', { token: tenant.admin });
    expect(found.totalRecords).toBe(0);
  });
});
