import { randomBytes, randomUUID } from 'node:crypto';
import { Browser, formField } from '../../infra/local/clients.ts';
import { type Route, takesIdempotencyKey } from '../../shared/routes/route.ts';
import { stack } from './world.ts';

/** What a company has that a call can name: by these another company would reach at it. */
export type Things = {
  /** Of an employee and of a role alike. */
  readonly id: string;
  /** Of whoever makes its calls. */
  readonly callerId: string;
  readonly departmentId: string;
  readonly jobTitleId: string;
  readonly tenant: string;
  readonly userName: string;
  /** Stands in names, departments, job titles. */
  readonly word: string;
  readonly importId: string;
  readonly correlationId: string;
  readonly idempotencyKey: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Of a mailed link; its secret is the owner's alone. */
  readonly linkId: string;
  readonly sessionId: string;
  /** As the table keeps them. */
  readonly sessionHash: string;
  readonly pendingHash: string;
  readonly employeeCursor: string;
  readonly auditCursor: string;
};
/** A company that makes calls. */
export type Caller = Things & { readonly user: string; readonly password: string; readonly browser: Browser };

/** Things of the same shape that no company has or ever had; places in lists beside those of the other's. */
export function nobodys({ employeeCursor, auditCursor }: Things): Things {
  const random = (bytes: number) => randomBytes(bytes).toString('base64url');
  const beside = (cursor: string, id: RegExp, another: string) =>
    Buffer.from(Buffer.from(cursor, 'base64url').toString().replace(id, another)).toString('base64url');
  const word = `nowhere${Date.now()}`;
  return {
    ...{ id: '2147483646', callerId: '2147483645', departmentId: '2147483644', jobTitleId: '2147483643' },
    ...{ tenant: word, userName: `no-${Date.now()}`, word },
    ...{ importId: randomUUID(), correlationId: random(11), idempotencyKey: randomUUID() },
    ...{ accessToken: random(600), refreshToken: random(600) },
    ...{ linkId: random(16), sessionId: random(16), sessionHash: random(32), pendingHash: random(32) },
    employeeCursor: beside(employeeCursor, /\d+\]$/, '1]'),
    // So near that no record of the caller's own, of the same millisecond, can stand between the two.
    auditCursor: beside(auditCursor, /.$/, '-'),
  };
}

type Naming = (things: Things, own: Caller) => unknown;
const none = null;
const byWord: Naming = ({ word }) => word;
const byId: Naming = ({ id }) => id;
const byDepartment: Naming = ({ departmentId }) => departmentId;
const byJobTitle: Naming = ({ jobTitleId }) => jobTitleId;
const byTenant: Naming = ({ tenant }) => tenant;
const byAccessToken: Naming = ({ accessToken }) => accessToken;
const byRefreshToken: Naming = ({ refreshToken }) => refreshToken;
const byLink: Naming = ({ linkId }) => `${linkId}.${'s'.repeat(43)}`;
const byUserName: Naming = ({ userName }) => userName;

/**
 * Every field that a call of the route table takes, and what of another company it could name; `none` where it names
 * nothing. A new field needs an entry, else the isolation test fails.
 */
export const NAMED_BY: Readonly<Record<string, Naming | readonly Naming[] | null>> = {
  ...{ id: byId, assigneeId: byId, Ids: byId, 'Filter.Ids': byId, 'Filter.ExcludedIds': byId },
  ...{ 'Filter.RoleId': byId, 'Filter.EmployeeId': byId, Exclude: byId },
  ...{ 'Filter.Actor': ({ callerId }) => callerId, 'Filter.Subject': ({ importId }) => `import:${importId}` },
  securityRoleIds: ({ id }) => [Number(id)],
  csv: ({ id }) => csvOf(`row-${randomBytes(5).toString('hex')}`, id),
  ...{ importId: ({ importId }) => importId, ImportId: ({ importId }) => importId },
  'Filter.CorrelationId': ({ correlationId }) => correlationId,
  ...{ 'Filter.Text': byWord, 'Filter.Name': byWord, 'Filter.Department': byWord, Name: byWord },
  ...{ 'Filter.Filter_Text': byWord, name: byWord },
  ...{ userName: byUserName, UserName: byUserName, username: byUserName },
  ...{ tenant: byTenant, Tenant: byTenant, company: byTenant, Confirm: byTenant },
  client_id: ({ tenant }, own) => own.user.replace(/^[^\\]*/, tenant),
  ...{ AccessToken: byAccessToken, token: [byAccessToken, byRefreshToken] },
  ...{ refresh_token: byRefreshToken, RefreshToken: byRefreshToken },
  link: byLink,
  session: ({ sessionId }) => sessionId,
  Cursor: ({ auditCursor }) => auditCursor,

  ...{ PageSize: none, PageNumber: none, Sort: none, From: none, To: none, Format: none },
  ...{ 'Filter.UserType': none, 'Filter.IsActive': none, 'Filter.IsExternal': none, EmployeesOnly: none },
  ...{ 'Filter.HasApiAccess': none, 'Filter.Action': none, 'Filter.Outcome': none },
  // Published by PSA V2; this system has no accounts.
  'Filter.AccountId': none,
  ...{ userType: none, firstName: none, lastName: none, emailAddress: none, employeeNumber: none },
  ...{ jobTitle: none, department: none, location: none, notes: none, timeZone: none, isActive: none },
  ...{ isSso: none, sendInstructions: none, SendInstructions: none, DryRun: none },
  ...{ isExternal: none, apiAccess: none, rights: none, licences: none, administrator: none },
  ...{ requireMfaForNonSsoUsers: none, accessTokenMinutes: none, refreshTokenDays: none },
  ...{ ownerLinkMinutes: none, adminLinkHours: none, quotaPerHour: none },
  ...{ grant_type: none, GrantType: none, scope: none, token_type_hint: none, formToken: none },
  // Secrets name nothing: whoever has one is its owner.
  ...{ client_secret: none, Password: none, password: none, confirmation: none, current: none, secret: none },
  ...{ MFACode: none, code: none, recoveryCode: none },
  // Published for the grants of SSO, and never read.
  ...{ SamlResponse: none, SamlKey: none, ItcToken: none, ClientId: none, ClientSecret: none },
  ...{ RedirectUri: none, Code: none },
};
/** Where the field of one call names another thing than that of the others. */
const NAMED_BY_IN: Readonly<Record<string, Naming>> = {
  ...{ 'lookUpDepartments Exclude': byDepartment, 'lookUpDepartments Filter.Ids': byDepartment },
  ...{ 'lookUpJobTitles Exclude': byJobTitle, 'lookUpJobTitles Filter.Ids': byJobTitle },
  'listEmployees Cursor': ({ employeeCursor }) => employeeCursor,
  'listTenants Cursor': ({ tenant }) => Buffer.from(tenant).toString('base64url'),
};

export const csvOf = (userName: string, role: string) =>
  `userName,userType,firstName,lastName,securityRoles\n${userName},API Employee,Im,Port,${role}\n`;

type Fields = Readonly<Record<string, unknown>>;
type Call = {
  readonly params?: Fields;
  readonly query?: Fields;
  readonly body?: Fields;
  /** Of a page with a form: where the token of the form is fetched. */
  readonly formAt?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: Readonly<Record<string, string>>;
};

const fresh = (prefix: string) => `${prefix}-${randomBytes(5).toString('hex')}`;
const ofOwn = ({ id }: Things): Call => ({ params: { id } });
const accountForm = (): Call => ({ formAt: '/account' });
const operator = ({ tenant }: Things): Call => ({ params: { tenant } });
const anything = (): Call => ({});
const ofClient = ({ user, password }: Caller) => ({ client_id: user, client_secret: password });
const form = (): Call => ({ formAt: '/' });

/**
 * A call of each operation about things of one's own, by operationId, in which a field at a time is then set to
 * something of another company; or why there is nothing to reach at.
 */
export const CALLS: Readonly<Record<string, ((own: Caller) => Call) | string>> = {
  health: 'looks at nothing',
  openApiDocument: 'the same for all',
  serverMetadata: 'the same for all',
  stylesheet: 'the same for all',

  // By a company's own token: operators sign, and see every company.
  createTenant: () => ({ body: { company: fresh('t'), licences: 2 } }),
  listTenants: anything,
  getTenant: operator,
  updateTenant: (own) => ({ ...operator(own), body: { licences: 2 } }),
  suspendTenant: operator,
  resumeTenant: operator,
  deleteTenant: (own) => ({ ...operator(own), query: { Confirm: own.tenant } }),

  createEmployee: () => ({
    body: { userName: fresh('bot'), userType: 'API Employee', firstName: 'B', lastName: 'B' },
  }),
  listEmployees: anything,
  getEmployee: ofOwn,
  updateEmployee: (own) => ({ ...ofOwn(own), body: { firstName: 'Mallory' } }),
  resetInstructions: ofOwn,
  deleteEmployee: ofOwn,
  activateEmployee: ofOwn,
  deactivateEmployee: ofOwn,
  revokeTokens: ofOwn,
  tokenCheck: ofOwn,
  getThrottle: ofOwn,
  liftThrottle: ofOwn,
  importEmployees: () => ({
    query: { ImportId: randomUUID() },
    body: { csv: csvOf(fresh('row'), 'User') },
  }),
  getImport: ({ importId }) => ({ params: { importId } }),
  listEmployeeAudit: ofOwn,
  setPassword: (own) => ({ ...ofOwn(own), body: { password: own.password } }),
  resetFactor: ofOwn,

  listRoles: anything,
  createRole: () => ({ body: { name: fresh('Role') } }),
  getRole: ofOwn,
  updateRole: (own) => ({ ...ofOwn(own), body: { rights: { hr: ['view'] } } }),
  copyRole: (own) => ({ ...ofOwn(own), body: { name: fresh('Copy') } }),
  deleteRole: ofOwn,
  lookUpRoles: anything,
  lookUpSystemRoles: anything,
  lookUpEmployees: anything,
  searchEmployees: anything,
  listAssignees: anything,
  lookUpAssignees: anything,
  countAssignees: anything,
  listAssigneeRoles: ({ id }) => ({ params: { assigneeId: id } }),
  lookUpDepartments: anything,
  lookUpJobTitles: anything,
  getCompany: anything,
  updateCompany: () => ({ body: { timeZone: 'Europe/Dublin' } }),
  listAudit: anything,
  exportAudit: () => ({ query: { From: new Date().toISOString().slice(0, 10), Format: 'csv' } }),
  userInfo: anything,

  issueToken: (own) => ({ body: { grant_type: 'client_credentials', ...ofClient(own) } }),
  revokeToken: (own) => ({ body: { token: own.accessToken, ...ofClient(own) } }),
  introspectToken: (own) => ({ body: { token: own.accessToken, ...ofClient(own) } }),
  authenticate: ({ tenant, userName, password }) => ({
    body: { GrantType: 'password', Tenant: tenant, UserName: userName, Password: password },
  }),
  refreshToken: ({ accessToken, refreshToken }) => ({
    body: { AccessToken: accessToken, RefreshToken: refreshToken },
  }),
  ssoStatus: ({ tenant, userName }) => ({ query: { Tenant: tenant, UserName: userName } }),
  issueTokenV1: ({ tenant, userName, password }) => ({
    body: { grant_type: 'password', tenant, username: userName, password },
  }),
  requestPasswordReset: ({ tenant, userName }) => ({ body: { Tenant: tenant, UserName: userName } }),
  resetScreen: anything,
  resetForm: ({ tenant, userName }) => ({ formAt: '/', body: { company: tenant, userName } }),
  newPasswordScreen: anything,
  newPasswordForm: ({ password }) => ({
    formAt: '/',
    body: { password, confirmation: password },
  }),

  gatewayScreen: anything,
  gatewaySignIn: ({ tenant, userName, password }) => ({
    formAt: '/',
    body: { company: tenant, userName, password },
  }),
  codeScreen: anything,
  codeForm: form,
  recoveryScreen: anything,
  recoveryForm: form,
  enrolScreen: anything,
  enrolStart: form,
  enrolConfirm: form,
  accountScreen: anything,
  changePasswordScreen: anything,
  changePasswordForm: accountForm,
  factorScreen: anything,
  factorStart: accountForm,
  factorConfirm: accountForm,
  factorCodes: accountForm,
  factorRemove: accountForm,
  sessionsScreen: anything,
  endSessionForm: accountForm,
  signOut: accountForm,
};

/** What a request may bring along besides its fields, and what of another company that could name. */
const COOKIES: readonly {
  readonly of: (route: Route) => boolean;
  readonly name: string;
  readonly value: Naming;
}[] = [
  { of: ({ auth }) => auth === 'session', name: '__Host-session', value: ({ sessionHash }) => sessionHash },
  {
    of: ({ path }) => path.startsWith('/sign-in/'),
    name: '__Host-sign-in',
    value: ({ pendingHash }) => pendingHash,
  },
  { of: ({ path }) => path === '/password/new', name: '__Host-link', value: byLink },
];

/** One way in which a call could name something of another company. */
export type Reach = {
  readonly by: string;
  readonly callFor: (things: Things, own: Caller) => Call;
};

export const fieldsOf = (route: Route): string[] =>
  [route.params, route.query, route.body?.schema].flatMap(entriesOf);
const entriesOf = (schema: Route['params']) =>
  schema !== undefined && 'entries' in schema ? Object.keys(schema.entries as object) : [];

/** By a client that says who it is: who has a refresh token, and says nothing, is taken for its owner. */
const refreshOf = (own: Caller) => ({ grant_type: 'refresh_token', ...ofClient(own) });

function namingsOf({ operationId }: Route, field: string): readonly Naming[] {
  const naming = NAMED_BY_IN[`${operationId} ${field}`] ?? NAMED_BY[field] ?? [];
  return typeof naming === 'function' ? [naming] : naming;
}

export function reachesOf(route: Route): Reach[] {
  const call = CALLS[route.operationId];
  if (typeof call !== 'function') return [];
  const reach = (by: string, change: (base: Call, things: Things, own: Caller) => Call) => ({
    by,
    callFor: (things: Things, own: Caller) => change(call(own), things, own),
  });
  const ofField = (part: 'params' | 'query' | 'body', field: string, naming: Naming) => {
    const set = (base: Call, things: Things, own: Caller): Call => ({
      ...base,
      [part]: {
        ...base[part],
        ...(field === 'refresh_token' ? refreshOf(own) : {}),
        [field]: naming(things, own),
      },
    });
    return reach(field, set);
  };
  const ofPart = (part: 'params' | 'query' | 'body', schema: Route['params']) =>
    entriesOf(schema).flatMap((field) =>
      namingsOf(route, field).map((naming) => ofField(part, field, naming)),
    );
  return [
    reach('nothing', (base) => base),
    ...ofPart('params', route.params),
    ...ofPart('query', route.query),
    ...ofPart('body', route.body?.schema),
    ...headersOf(route).map(([name, value]) =>
      reach(name, (base, things) => ({
        ...base,
        ...(name === 'if-match' && 'id' in (base.params ?? {}) ? { params: { id: things.id } } : {}),
        headers: { [name]: value(things) },
      })),
    ),
    ...COOKIES.filter(({ of }) => of(route)).map(({ name, value }) =>
      reach(name, (base, things, own) => ({ ...base, cookies: { [name]: String(value(things, own)) } })),
    ),
  ];
}

/** If-Match comes with the id: that it is stale must not be said of what is not one's own. */
const headersOf = (route: Route): [string, (things: Things) => string][] => [
  ...(route.conditional ? [['if-match', () => '"999"'] as [string, () => string]] : []),
  ...(route.auth === 'bearer' && takesIdempotencyKey(route)
    ? [['idempotency-key', ({ idempotencyKey }) => idempotencyKey] as [string, (things: Things) => string]]
    : []),
];

export type Answer = { readonly status: number; readonly text: string };

export async function send(route: Route, call: Call, own: Caller): Promise<Answer> {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(call.params?.[name])),
  );
  const query = new URLSearchParams(
    Object.entries(call.query ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const url = `${stack.url}${path}?${query}`;
  if (route.style === 'page') return sendPage(route, call, own, url);
  const { type, body } = encoded(route, call.body);
  const reply = await fetch(url, {
    method: route.method,
    headers: {
      ...(route.auth === 'public' ? {} : { authorization: `Bearer ${own.accessToken}` }),
      ...(type === undefined ? {} : { 'content-type': type }),
      ...call.headers,
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: reply.status, text: await reply.text() };
}

function encoded({ body: spec }: Route, fields: Fields = {}): { type?: string; body?: string } {
  if (spec === undefined) return {};
  if (spec.encodings.includes('csv')) return { type: 'text/csv', body: String(fields.csv) };
  if (spec.encodings.includes('json')) return { type: 'application/json', body: JSON.stringify(fields) };
  const body = new URLSearchParams(fields as Record<string, string>).toString();
  return { type: 'application/x-www-form-urlencoded', body };
}

async function sendPage(route: Route, call: Call, own: Caller, url: string): Promise<Answer> {
  const browser = new Browser();
  const bring = (cookies: Iterable<readonly [string, string]>) => {
    for (const [name, value] of cookies) browser.cookies.set(name, value);
  };
  if (route.auth === 'session') bring(own.browser.cookies);
  const token =
    call.formAt === undefined
      ? ''
      : formField((await browser.get(`${stack.url}${call.formAt}`)).html, 'formToken');
  bring(Object.entries(call.cookies ?? {}));
  const fields = { ...call.body, formToken: token } as Record<string, string>;
  const { status, html } = route.method === 'GET' ? await browser.get(url) : await browser.post(url, fields);
  return { status, text: html };
}

/**
 * The words of an answer but for what was typed into the question, and for what differs from one answer to the next;
 * in no order, since the table gives attributes in none.
 */
export function plain({ status, text }: Answer, typed: readonly Things[]): string {
  const bare = typed
    .flatMap((things) => Object.entries(things))
    .filter(([, value]) => typeof value === 'string')
    .sort(([, a], [, b]) => b.length - a.length)
    .reduce((all, [name, value]) => all.replaceAll(value as string, `<${name}>`), text)
    // Correlation ids, ids of records, and what is left of a wait.
    .replaceAll(/'?(?:[\w+/]{15}=|(?<![\w-])[\w-]{22}(?![\w-]))/g, '<random>')
    .replaceAll(/\b\d+ seconds/g, '<seconds>')
    .replaceAll(/"nextCursor":"[^"]*"/g, '')
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g, '<time>')
    .replaceAll(/name="formToken" value="[^"]*"/g, '')
    .replaceAll(/\b(bot|row|Role|Copy|t)-[0-9a-f]{10}\b/g, '<fresh>')
    .replaceAll(/\b\d{7,10}\b/g, '<number>')
    .replaceAll(/"(importId|accessToken|refreshToken|access_token|refresh_token)":"[^"]*"/g, '');
  return `${status} ${bare
    .split(/[\s,{}[\]"]+/)
    .sort()
    .join(' ')}`;
}
