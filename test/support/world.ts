import { randomBytes } from 'node:crypto';
import { expect, inject } from 'vitest';
import { signedFetch } from '../../infra/cli/signed-fetch.ts';
import { Browser, basic, type Envelope, formField, linkIn, waitForMail } from '../../infra/local/clients.ts';
import { breaches, routeOf } from './contract.ts';

export const stack = inject('stack');

export const PASSWORD = 'seventeen quiet lanterns';

export type Reply = Envelope & { status: number; headers: Headers };

/** One call of the API as a client makes it. */
export async function request(
  method: string,
  path: string,
  options: { token?: string; body?: unknown; headers?: Record<string, string>; url?: string } = {},
): Promise<Reply> {
  const { token, body, headers, url = stack.url } = options;
  const raw = typeof body === 'string';
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: raw ? body : JSON.stringify(body) }),
  });
  return checked(method, path, response);
}

/** Every reply is held against its entry in the route table. */
async function checked(method: string, path: string, response: Response): Promise<Reply> {
  const envelope = (await response.json()) as Envelope;
  const route = routeOf(method, path);
  if (route?.style === 'v2' && 'success' in envelope) {
    // `Exclude` leaves fields out of each row, by design.
    const left = /[?&]Exclude=/i.test(path) ? /received undefined$/ : /^$/;
    expect(breaches(route, envelope).filter((breach) => !left.test(breach))).toEqual([]);
    if (envelope.success) expect(response.headers.has('etag'), path).toBe(route.etag === true);
  }
  return { status: response.status, headers: response.headers, ...envelope };
}

/** As an operator, signed. */
export async function operatorRequest(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await signedFetch(`${stack.url}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    credentials: stack.operator,
    region: stack.operator.region,
    headers,
  });
  return checked(method, path, response);
}

export type TokenReply = {
  status: number;
  headers: Headers;
  access_token?: string;
  error?: string;
  reason?: string;
  error_description?: string;
};

export async function fetchToken(user: string, password: string): Promise<TokenReply> {
  const response = await fetch(`${stack.url}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: basic(user, password), 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
  return { status: response.status, headers: response.headers, ...((await response.json()) as object) };
}

export async function tokenFor(user: string, password: string): Promise<string> {
  const { access_token: token, reason } = await fetchToken(user, password);
  expect(reason).toBeUndefined();
  return token ?? '';
}

/** Opens a mailed link and posts the form, as a browser does. */
export async function choosePassword(link: string, password: string, confirmation = password) {
  const browser = new Browser();
  const screen = await browser.get(link);
  const formToken = formField(screen.html, 'formToken');
  return browser.post(`${stack.url}/password/new`, { password, confirmation, formToken });
}

export async function mailedLink(to: string, count = 1): Promise<string> {
  return linkIn(await waitForMail(stack.inboxUrl, { to, subject: /(create|reset)/i, count }));
}

export type Tenant = {
  name: string;
  /** Access token of the first Administrator. */
  admin: string;
  adminId: number;
  adminUser: string;
};

/** A tenant of the test's own, with a signed-in Administrator. */
export async function newTenant(options: { licences?: number; company?: string } = {}): Promise<Tenant> {
  const name = options.company ?? `t-${randomBytes(6).toString('hex')}`;
  const emailAddress = `alice@${randomBytes(6).toString('hex')}.example`;
  const created = await operatorRequest('POST', '/v2/platform/tenants', {
    company: name,
    licences: options.licences ?? 5,
    administrator: { userName: 'alice', firstName: 'Alice', lastName: 'Archer', emailAddress },
  });
  expect(created.error).toBeNull();
  const { tenant, administrator } = created.result as { tenant: string; administrator: { id: number } };
  const done = await choosePassword(await mailedLink(emailAddress), PASSWORD);
  expect(done.status).toBe(200);
  const adminUser = `${tenant}\\alice`;
  return { name: tenant, admin: await tokenFor(adminUser, PASSWORD), adminId: administrator.id, adminUser };
}

export const ROLES = {
  administrator: 1,
  projectManager: 2,
  serviceDeskManager: 5,
  user: 6,
  externalUser: 7,
  externalManager: 8,
} as const;

export type Employee = { id: number; userName: string; emailAddress: string; [field: string]: unknown };

/** An employee of a tenant; an API Employee unless the fields say otherwise. */
export async function newEmployee(tenant: Tenant, fields: Record<string, unknown> = {}): Promise<Employee> {
  const tag = randomBytes(5).toString('hex');
  const reply = await request('POST', '/v2/hr/employees', {
    token: tenant.admin,
    body: {
      userName: `bot-${tag}`,
      userType: 'API Employee',
      firstName: 'Billing',
      lastName: 'Bridge',
      emailAddress: `bot@${tag}.example`,
      ...fields,
    },
  });
  expect(reply.error).toBeNull();
  return reply.result as Employee;
}

/** An API Employee with a role that has API Access, and a password of its owner's. */
export async function newApiAccount(tenant: Tenant, password = PASSWORD) {
  await request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, {
    token: tenant.admin,
    body: { apiAccess: true },
  });
  const employee = await newEmployee(tenant, {
    securityRoleIds: [ROLES.serviceDeskManager],
    sendInstructions: true,
  });
  const done = await choosePassword(await mailedLink(employee.emailAddress), password);
  expect(done.status).toBe(200);
  return { ...employee, user: `${tenant.name}\\${employee.userName}`, password };
}
