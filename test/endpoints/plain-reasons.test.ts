import { beforeAll, describe, expect, it, test } from 'vitest';
import type { Envelope } from '../../infra/local/clients.ts';
import { newEmployee, newTenant, operatorRequest, PASSWORD, request, stack } from '../support/world.ts';

/** What an integrator is told names what is wrong, and is true (docs/api.md: `subErrors` names each wrong field). */

let tenant: Awaited<ReturnType<typeof newTenant>>;
let person: { id: number };
let bot: { id: number };
beforeAll(async () => {
  tenant = await newTenant();
  person = await newEmployee(tenant, { userType: 'Employee' });
  bot = await newEmployee(tenant, { emailAddress: null });
});

const EMPLOYEES = '/v2/hr/employees';
const ROLE_LIST = '/v2/admin/security/roles';
const admin = (method: string, path: string, body?: unknown) =>
  request(method, path, { token: tenant.admin, ...(body === undefined ? {} : { body }) });
const post = async (
  path: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
) => {
  const sent = { 'content-type': type, ...headers };
  const reply = await fetch(`${stack.url}${path}`, { method: 'POST', headers: sent, body });
  const { error } = (await reply.json()) as Envelope;
  return { status: reply.status, error };
};

describe('a query whose escapes are no UTF-8 names the parameter: there is no body to mend', () => {
  test.each([
    ['a filter', `${EMPLOYEES}?Filter.Name=M%FCller`, 'Filter.Name'],
    ['half of a surrogate pair', `${EMPLOYEES}?Filter.Text=%ED%A0%80`, 'Filter.Text'],
    ['beside a character that was lost before', `${EMPLOYEES}?Filter.Text=%EF%BF%BD&Sort=%FF`, 'Sort'],
    ['a name', `${EMPLOYEES}?Filter.N%FFme=x`, 'Filter.N?me'],
    ['of a call without a token', '/v2/security/ssostatus?UserName=%FF', 'UserName'],
  ])('%s', async (_, path, name) => {
    expect(await admin('GET', path)).toMatchObject({
      status: 400,
      error: { reason: 'invalid_fields', subErrors: [`${name} must be percent-encoded UTF-8`] },
    });
  });

  it('on a screen', async () => {
    const reply = await fetch(`${stack.url}/?company=%FF`);
    expect(reply.status).toBe(400);
    expect(await reply.text()).toContain('company must be percent-encoded UTF-8');
  });
});

describe('a form', () => {
  const fields = { GrantType: 'password', UserName: 'alice', Password: 'Zürich am Morgen', Tenant: 'x' };
  const multipart = Object.entries(fields)
    .map(([name, value]) => `--X\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('');
  const authenticate = (charset: 'latin1' | 'utf8') =>
    post(
      '/v2/security/authenticate',
      'multipart/form-data; boundary=X',
      new Uint8Array(Buffer.from(`${multipart}--X--\r\n`, charset)),
    );

  it('in multipart that is no UTF-8 is told so: as a wrong password it would use up the guesses', async () => {
    const { status, error } = await authenticate('latin1');
    expect([status, error?.reason]).toEqual([400, 'malformed_body']);
    expect(error?.message).toContain('not UTF-8');
    expect((await authenticate('utf8')).error?.reason).toBe('credentials_wrong');
  });

  it('in urlencoded that is no UTF-8 names the field', async () => {
    const type = 'application/x-www-form-urlencoded';
    const { status, error } = await post('/v2/security/authenticate', type, 'Tenant=x&Password=Z%FCrich');
    expect([status, error?.reason]).toEqual([400, 'malformed_body']);
    expect(error?.message).toContain('Password is not percent-encoded UTF-8');
  });

  it('that is compressed is told so, and not that it is no UTF-8', async () => {
    const headers = { authorization: `Bearer ${tenant.admin}`, 'content-encoding': 'gzip' };
    const body = new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    const { status, error } = await post(EMPLOYEES, 'application/json', body, headers);
    expect([status, error?.reason]).toEqual([415, 'unsupported_media_type']);
    expect(error?.message).toContain('not compressed');
  });

  it('whose field has no name says so', async () => {
    const reply = await admin('GET', `${EMPLOYEES}?=x`);
    expect(reply.error?.subErrors).toEqual(['(empty) is not a field of this call']);
  });
});

describe('a value of the wrong kind', () => {
  it('a list is no object: a role keeps its rights', async () => {
    const made = await admin('POST', ROLE_LIST, { name: 'Bots', rights: { hr: ['view'] } });
    const { id } = made.result as { id: number };
    const problem = 'rights must be an object such as {"hr": ["view"]}';
    const changed = await admin('PATCH', `${ROLE_LIST}/${id}`, { rights: [] });
    expect(changed.error?.subErrors).toEqual([problem]);
    expect((await admin('POST', ROLE_LIST, { name: 'More', rights: [] })).error?.subErrors).toEqual([
      problem,
    ]);
    expect((await admin('GET', `${ROLE_LIST}/${id}`)).result).toMatchObject({ rights: { hr: ['view'] } });
  });

  it('a number is not missing', async () => {
    const body = { Tenant: 5, UserName: null };
    const reply = await request('POST', '/v2/security/passwordreset', { body });
    expect(reply.error?.subErrors).toEqual(['Tenant must be text', 'UserName must be text']);
  });

  it('a number that is too large is whole', async () => {
    const reply = await admin('GET', `${EMPLOYEES}/99999999999`);
    expect(reply.error?.subErrors).toEqual(['id must be at most 2147483647']);
    const paged = await admin('GET', `${EMPLOYEES}?PageSize=${'9'.repeat(400)}`);
    expect(paged.error?.subErrors).toEqual(['PageSize must be at most 500']);
  });

  test.each(['a@x.example,b@x.example', 'A <a@x.example>', '"a b"@x.example', '.a@x.example'])(
    '%s is not one mail address',
    async (emailAddress) => {
      const reply = await admin('PATCH', `${EMPLOYEES}/${bot.id}`, { emailAddress });
      expect(reply.error?.subErrors).toEqual([
        'emailAddress must be one mail address, such as bot@acme.example',
      ]);
    },
  );

  it('a letter of another alphabet before the @ is told from that', async () => {
    const reply = await admin('PATCH', `${EMPLOYEES}/${bot.id}`, { emailAddress: 'jürgen@x.example' });
    expect(reply.error?.subErrors).toEqual([
      'emailAddress must have a plain ASCII part before the @ (Amazon SES)',
    ]);
  });
});

describe('a refusal about a field names it', () => {
  const password = (value: string) => admin('PUT', `${EMPLOYEES}/${person.id}/password`, { password: value });

  test.each([
    ['white space', () => password(` ${PASSWORD}`), 'password'],
    ['control characters', () => password(`seventeen\u0007quiet lanterns`), 'password'],
    ['common words', () => password('passwordpassword'), 'password'],
    ['a name', () => password(`${tenant.name} lanterns`), 'password'],
    ['M8', () => admin('PATCH', `${EMPLOYEES}/${bot.id}`, { userType: 'Employee' }), 'userType'],
    ['M9', () => admin('PATCH', `${EMPLOYEES}/${person.id}`, { userType: 'API Employee' }), 'userType'],
    ['M5', () => admin('POST', `${EMPLOYEES}/${bot.id}/resetinstructions`), 'emailAddress'],
  ])('%s', async (_, refuse, field) => {
    const { status, error } = await refuse();
    expect(status).toBe(422);
    expect(error?.subErrors).toEqual([expect.stringMatching(new RegExp(`^${field} `))]);
  });

  test.each([
    ['company', { company: '---' }],
    ['tenant', { company: 'Acme', tenant: '---' }],
  ])('a sign-in name cannot be made of %s', async (field, names) => {
    const administrator = { userName: 'a', firstName: 'A', lastName: 'B', emailAddress: 'a@x.example' };
    const body = { ...names, licences: 1, administrator };
    const reply = await operatorRequest('POST', '/v2/platform/tenants', body);
    expect(reply.error).toMatchObject({
      reason: 'company_unusable',
      subErrors: [`${field} holds no letter or digit`],
    });
  });
});
