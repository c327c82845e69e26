import { randomBytes, randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { signedFetch } from '../../infra/cli/signed-fetch.ts';
import { Browser, formField } from '../../infra/local/clients.ts';
import { cursorScope, encodeCursor } from '../../shared/http/cursor.ts';
import { readEmployee } from '../../shared/store/employees.ts';
import { openTable } from '../../shared/store/table.ts';
import { fillCompany } from './capacity.ts';
import { useStackEnvironment } from './environment.ts';
import { authenticate, postForm, type V2Tokens } from './oauth.ts';
import type { Cost, MeteredFront } from './operation-meter.ts';
import {
  type Authenticator,
  confirmKey,
  enrol,
  type Member,
  newMember,
  recoveryCodesOn,
  signInAt,
} from './people.ts';
import {
  fetchToken,
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  operatorRequest,
  PASSWORD,
  ROLES,
  request,
  stack,
  type Tenant,
} from './world.ts';

/** A company with its accounts, as the operations find it, and the API on which they are measured. */
type Scene = {
  readonly url: string;
  readonly tenant: Tenant;
  readonly robot: Awaited<ReturnType<typeof newApiAccount>>;
  /** A person with a session. */
  readonly person: Member;
  /** A person with a second factor, and a session. */
  readonly guarded: Member & { app: Authenticator; recoveryCodes: string[]; userName: string };
  readonly roleId: number;
  /** What one operation leaves for the next. */
  page: string;
  tokens: V2Tokens;
  importId: string;
};

/** Of half people, half API Employees. */
async function setScene(url: string, employees: number): Promise<Scene> {
  const tenant = await newTenant({ licences: 1_000_000 });
  const table = openTable(useStackEnvironment().TABLE_NAME);
  await fillCompany(table, tenant.name, employees);
  const robot = await newApiAccount(tenant);
  // From then on the network is a proven one.
  expect((await fetchToken(robot.user, PASSWORD)).status).toBe(200);
  const [person, guarded] = [await newMember(tenant), await newMember(tenant)];
  const { app, recoveryCodes } = await enrol(guarded.browser);
  return {
    ...{ url, tenant, robot, person, guarded: { ...guarded, app, recoveryCodes } },
    roleId: await newRole(tenant),
    ...{ page: '', tokens: await authenticate(tenant.name, robot.userName, PASSWORD), importId: '' },
  };
}

async function newRole(tenant: Tenant): Promise<number> {
  const body = { name: `Role ${tag()}`, rights: { hr: ['view'] } };
  const { result } = await request('POST', '/v2/admin/security/roles', { token: tenant.admin, body });
  return (result as { id: number }).id;
}

const tag = () => randomBytes(5).toString('hex');

/** One call as the Administrator. */
async function call(scene: Scene, method: string, path: string, body?: unknown, type = 'application/json') {
  const reply = await fetch(`${scene.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${scene.tenant.admin}`, 'content-type': type },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  expect(reply.status, `${method} ${path}: ${await reply.clone().text()}`).toBe(200);
}

/** One call as the operator. */
async function operate({ url }: Scene, method: string, path: string, body?: unknown) {
  const { operator } = stack;
  const reply = await signedFetch(`${url}/v2/platform/tenants${path}`, {
    method,
    credentials: operator,
    region: operator.region,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(reply.status, `${method} ${path}`).toBe(200);
}

/** A form of an OAuth client or an existing script. */
async function post(
  scene: Scene,
  path: string,
  fields: Record<string, string>,
  auth?: { user: string; password: string },
) {
  const reply = await postForm(path, fields, auth, scene.url);
  expect(reply.status, path).toBe(200);
}

async function visit({ url }: Scene, path: string, browser = new Browser()) {
  const page = await browser.get(`${url}${path}`);
  expect(page.status, path).toBe(200);
  return page.html;
}

/** A form of the page, which is fetched past the meter. */
async function submit(
  { url }: Scene,
  browser: Browser,
  from: string,
  to: string,
  fields: Record<string, string>,
) {
  const screen = await browser.get(`${stack.url}${from}`);
  const formToken = formField(screen.html, 'formToken');
  const page = await browser.post(`${url}${to}`, { ...fields, formToken });
  expect(page.status, `${to}: ${page.html}`).toBe(200);
  return page.html;
}

const EMPLOYEES = '/v2/hr/employees';
const SECURITY = '/v2/admin/security';
const FACTOR = '/account/second-factor';
const SIGN_IN_FACTOR = '/sign-in/second-factor';

const somebody = async ({ tenant }: Scene, fields: Record<string, unknown> = {}) =>
  `${EMPLOYEES}/${(await newEmployee(tenant, { userType: 'Employee', ...fields })).id}`;
/** After its first mail: that changes what there is of a company. */
async function newCompany(): Promise<string> {
  const company = `t-${tag()}${tag().slice(0, 2)}`;
  const administrator = {
    userName: 'ada',
    firstName: 'A',
    lastName: 'D',
    emailAddress: `ada@${company}.example`,
  };
  const body = { company, licences: 2, administrator };
  const { result } = await operatorRequest('POST', '/v2/platform/tenants', body);
  const { id } = (result as { administrator: { id: number } }).administrator;
  const table = openTable(useStackEnvironment().TABLE_NAME);
  const state = async () => (await readEmployee(table, company, id))?.instructionsState;
  await expect.poll(state).toBe('sent');
  return company;
}
async function suspendedCompany(): Promise<string> {
  const company = await newCompany();
  await operatorRequest('POST', `/v2/platform/tenants/${company}/suspend`);
  return company;
}
const freshTokens = ({ tenant, robot }: Scene) => authenticate(tenant.name, robot.userName, PASSWORD);
/** Of somebody with a second factor, after the password. */
const halfSignedIn = async ({ tenant, guarded }: Scene) =>
  (await signInAt(tenant.name, guarded.userName)).browser;
async function linkOf({ tenant, robot }: Scene, count: number): Promise<string> {
  await request('POST', `${EMPLOYEES}/${robot.id}/resetinstructions`, { token: tenant.admin });
  return (await mailedLink(robot.emailAddress, count)).replace(stack.url, '');
}

/**
 * The ordinary success of every operation, by operationId: what a client does whom nothing stands in the way of. In
 * this order; some go on from what the one before left.
 */
export const OPERATIONS: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  health: (scene) => visit(scene, '/health'),
  openApiDocument: (scene) => visit(scene, '/openapi.json'),

  createTenant: (scene) =>
    operate(scene, 'POST', '', {
      ...{ company: `t-${tag()}${tag().slice(0, 2)}`, licences: 2 },
      administrator: {
        ...{ userName: 'ada', firstName: 'A', lastName: 'D', emailAddress: `ada@${tag()}.example` },
      },
    }),
  // The page of one that begins right before this company: what others stand there is of no account.
  listTenants: (scene) => {
    const before = encodeCursor(cursorScope('listTenants', {}), scene.tenant.name.slice(0, -1));
    return operate(scene, 'GET', `?PageSize=1&Cursor=${before}`);
  },
  getTenant: (scene) => operate(scene, 'GET', `/${scene.tenant.name}`),
  updateTenant: (scene) => operate(scene, 'PATCH', `/${scene.tenant.name}`, { licences: 999_999 }),
  suspendTenant: async (scene) => operate(scene, 'POST', `/${await newCompany()}/suspend`),
  resumeTenant: async (scene) => operate(scene, 'POST', `/${await suspendedCompany()}/resume`),
  // Part by part: what a call removes has a limit, whatever is there.
  deleteTenant: async (scene) => {
    const company = await suspendedCompany();
    await operate(scene, 'DELETE', `/${company}?Confirm=${company}`);
  },

  createEmployee: (scene) =>
    call(scene, 'POST', EMPLOYEES, {
      ...{ userName: `bot-${tag()}`, userType: 'API Employee', firstName: 'Billing', lastName: 'Bridge' },
      ...{ emailAddress: `bot@${tag()}.example`, securityRoleIds: [ROLES.serviceDeskManager] },
      sendInstructions: true,
    }),
  listEmployees: (scene) => call(scene, 'GET', `${EMPLOYEES}?PageSize=20`),
  getEmployee: (scene) => call(scene, 'GET', `${EMPLOYEES}/${scene.person.id}`),
  updateEmployee: async (scene) => call(scene, 'PATCH', await somebody(scene), { jobTitle: 'Edited' }),
  resetInstructions: async (scene) => call(scene, 'POST', `${await somebody(scene)}/resetinstructions`),
  deleteEmployee: async (scene) => call(scene, 'DELETE', await somebody(scene)),
  activateEmployee: async (scene) =>
    call(scene, 'POST', `${await somebody(scene, { isActive: false })}/activate`),
  deactivateEmployee: async (scene) => call(scene, 'POST', `${await somebody(scene)}/deactivate`),
  // Early in a second: written in a later one than it began in, it is written twice.
  revokeTokens: async (scene) => {
    const path = `${await somebody(scene)}/revoke`;
    await new Promise((resolve) => setTimeout(resolve, 1_000 - (Date.now() % 1_000)));
    await call(scene, 'POST', path);
  },
  tokenCheck: (scene) => call(scene, 'GET', `${EMPLOYEES}/${scene.robot.id}/tokencheck`),
  getThrottle: (scene) => call(scene, 'GET', `${EMPLOYEES}/${scene.robot.id}/throttle`),
  liftThrottle: async (scene) => call(scene, 'DELETE', `${await somebody(scene)}/throttle`),

  importEmployees: async (scene) => {
    scene.importId = randomUUID();
    const rows = [1, 2, 3].map(() => `row-${tag()},API Employee,Im,Port\n`);
    const csv = `userName,userType,firstName,lastName\n${rows.join('')}`;
    await call(scene, 'POST', `${EMPLOYEES}/import?ImportId=${scene.importId}`, csv, 'text/csv');
  },
  getImport: (scene) => call(scene, 'GET', `${EMPLOYEES}/import/${scene.importId}`),

  listRoles: (scene) => call(scene, 'GET', `${SECURITY}/roles`),
  createRole: (scene) => call(scene, 'POST', `${SECURITY}/roles`, { name: `Role ${tag()}` }),
  getRole: (scene) => call(scene, 'GET', `${SECURITY}/roles/${scene.roleId}`),
  updateRole: (scene) =>
    call(scene, 'PATCH', `${SECURITY}/roles/${scene.roleId}`, { rights: { hr: ['view', 'modify'] } }),
  copyRole: (scene) =>
    call(scene, 'POST', `${SECURITY}/roles/${scene.roleId}/copy`, { name: `Copy ${tag()}` }),
  deleteRole: async (scene) => call(scene, 'DELETE', `${SECURITY}/roles/${await newRole(scene.tenant)}`),
  lookUpRoles: (scene) => call(scene, 'GET', `${SECURITY}/roles/lookup`),
  lookUpSystemRoles: (scene) => call(scene, 'GET', '/v2/system/roles/lookup'),

  lookUpEmployees: (scene) => call(scene, 'GET', `${EMPLOYEES}/lookup?PageSize=20`),
  searchEmployees: (scene) => call(scene, 'GET', `${EMPLOYEES}/searchselect?PageSize=20`),
  listAssignees: (scene) => call(scene, 'GET', '/v2/hr/assignees?PageSize=20'),
  lookUpAssignees: (scene) => call(scene, 'GET', '/v2/hr/assignees/lookup?PageSize=20'),
  countAssignees: (scene) => call(scene, 'GET', '/v2/hr/assignees/count'),
  listAssigneeRoles: (scene) => call(scene, 'GET', `/v2/hr/assignees/${scene.person.id}/roles`),
  lookUpDepartments: (scene) => call(scene, 'GET', '/v2/admin/hr/departments/lookup?PageSize=20'),
  lookUpJobTitles: (scene) => call(scene, 'GET', '/v2/admin/hr/jobtitles/lookup?PageSize=20'),

  getCompany: (scene) => call(scene, 'GET', '/v2/admin/mycompany'),
  updateCompany: (scene) => call(scene, 'PATCH', '/v2/admin/mycompany', { timeZone: 'Europe/Dublin' }),

  listAudit: (scene) => call(scene, 'GET', `${SECURITY}/auditlog?PageSize=25`),
  listEmployeeAudit: (scene) => call(scene, 'GET', `${EMPLOYEES}/${scene.person.id}/auditlog?PageSize=2`),
  exportAudit: (scene) => {
    const today = new Date().toISOString().slice(0, 10);
    return call(scene, 'GET', `${SECURITY}/auditlog/export?From=${today}&Format=csv&PageSize=25`);
  },

  issueToken: (scene) =>
    post(
      scene,
      '/oauth2/token',
      { grant_type: 'client_credentials' },
      { ...scene.robot, password: PASSWORD },
    ),
  authenticate: (scene) =>
    post(scene, '/v2/security/authenticate', {
      ...{ GrantType: 'password', UserName: scene.robot.userName, Password: PASSWORD },
      Tenant: scene.tenant.name,
    }),
  issueTokenV1: (scene) =>
    post(scene, '/api/token', {
      ...{ grant_type: 'password', username: scene.robot.userName, password: PASSWORD },
      tenant: scene.tenant.name,
    }),
  introspectToken: (scene) =>
    post(
      scene,
      '/oauth2/introspect',
      { token: scene.tokens.accessToken },
      {
        ...{ user: scene.tenant.adminUser, password: PASSWORD },
      },
    ),
  refreshToken: (scene) =>
    post(scene, '/v2/security/refreshtoken', {
      ...{ AccessToken: scene.tokens.accessToken, RefreshToken: scene.tokens.refreshToken },
    }),
  revokeToken: async (scene) => {
    const { accessToken: token } = await freshTokens(scene);
    await post(scene, '/oauth2/revoke', { token }, { ...scene.robot, password: PASSWORD });
  },
  serverMetadata: (scene) => visit(scene, '/.well-known/oauth-authorization-server'),
  userInfo: (scene) => call(scene, 'GET', '/v2/security/userinfo'),
  ssoStatus: (scene) => visit(scene, '/v2/security/ssostatus'),

  requestPasswordReset: (scene) =>
    post(scene, '/v2/security/passwordreset', { Tenant: scene.tenant.name, UserName: scene.person.userName }),
  setPassword: async (scene) =>
    call(scene, 'PUT', `${await somebody(scene)}/password`, { password: PASSWORD }),
  resetScreen: (scene) => visit(scene, `/password/reset?company=${scene.tenant.name}`),
  resetForm: (scene) =>
    submit(scene, new Browser(), '/password/reset', '/password/reset', {
      ...{ company: scene.tenant.name, userName: scene.guarded.userName },
    }),
  newPasswordScreen: async (scene) => visit(scene, await linkOf(scene, 2)),
  newPasswordForm: async (scene) => {
    const fields = { password: `${PASSWORD} anew`, confirmation: `${PASSWORD} anew` };
    await submit(scene, new Browser(), await linkOf(scene, 3), '/password/new', fields);
  },
  stylesheet: (scene) => visit(scene, '/style.css'),

  gatewayScreen: (scene) => visit(scene, `/?company=${scene.tenant.name}`),
  gatewaySignIn: (scene) =>
    submit(scene, new Browser(), '/', '/', {
      ...{ company: scene.tenant.name, userName: scene.person.userName, password: PASSWORD },
    }),
  codeScreen: async (scene) => visit(scene, '/sign-in/code', await halfSignedIn(scene)),
  codeForm: async (scene) =>
    submit(scene, await halfSignedIn(scene), '/sign-in/code', '/sign-in/code', {
      code: await scene.guarded.app.code(),
    }),
  factorCodes: async (scene) => {
    const { guarded } = scene;
    const fields = { password: PASSWORD, code: await guarded.app.code() };
    const page = await submit(scene, guarded.browser, FACTOR, `${FACTOR}/codes`, fields);
    guarded.recoveryCodes = recoveryCodesOn(page);
  },
  recoveryScreen: async (scene) => {
    scene.guarded.browser = await halfSignedIn(scene);
    await visit(scene, '/sign-in/recovery', scene.guarded.browser);
  },
  recoveryForm: (scene) => {
    const [recoveryCode = ''] = scene.guarded.recoveryCodes;
    return submit(scene, scene.guarded.browser, '/sign-in/recovery', '/sign-in/recovery', { recoveryCode });
  },
  enrolScreen: (scene) => visit(scene, SIGN_IN_FACTOR, scene.guarded.browser),
  enrolStart: async (scene) => {
    const { browser } = scene.guarded;
    const fields = { password: PASSWORD };
    scene.page = await submit(scene, browser, SIGN_IN_FACTOR, `${SIGN_IN_FACTOR}/start`, fields);
  },
  enrolConfirm: ({ guarded, page, url }) => confirmKey(guarded.browser, page, SIGN_IN_FACTOR, url),
  resetFactor: (scene) => call(scene, 'POST', `${EMPLOYEES}/${scene.guarded.id}/resetfactor`),

  accountScreen: (scene) => visit(scene, '/account', scene.person.browser),
  changePasswordScreen: (scene) => visit(scene, '/account/password', scene.person.browser),
  factorScreen: (scene) => visit(scene, FACTOR, scene.person.browser),
  sessionsScreen: (scene) => visit(scene, '/account/sessions', scene.person.browser),
  endSessionForm: async (scene) => {
    const { tenant, person } = scene;
    await signInAt(tenant.name, person.userName);
    const list = await person.browser.get(`${stack.url}/account/sessions`);
    const [, session = ''] = /name="session" value="([\w-]{22})"/.exec(list.html) ?? [];
    await submit(scene, person.browser, '/account/sessions', '/account/sessions', { session });
  },
  factorStart: async (scene) => {
    const fields = { password: PASSWORD };
    scene.page = await submit(scene, scene.person.browser, FACTOR, `${FACTOR}/start`, fields);
  },
  factorConfirm: async (scene) => {
    const { app } = await confirmKey(scene.person.browser, scene.page, FACTOR, scene.url);
    scene.guarded.app = app;
  },
  factorRemove: async (scene) => {
    const { tenant, person, guarded } = scene;
    const fields = { password: PASSWORD, code: await guarded.app.code() };
    await submit(scene, person.browser, FACTOR, `${FACTOR}/remove`, fields);
    person.browser = (await signInAt(tenant.name, person.userName)).browser;
  },
  changePasswordForm: (scene) => {
    const words = 'eleven patient harbours';
    const fields = { current: PASSWORD, password: words, confirmation: words };
    return submit(scene, scene.person.browser, '/account/password', '/account/password', fields);
  },
  signOut: (scene) => submit(scene, scene.person.browser, '/account', '/sign-out', {}),
};

/** Size of the company for which docs/data-model.md gives the costs. */
export const COSTED_EMPLOYEES = 100;

/** What each operation takes in a company of so many employees, by operationId; without those named. */
export async function costsIn(
  front: MeteredFront,
  employees: number,
  without: ReadonlySet<string> = new Set(),
): Promise<ReadonlyMap<string, Cost>> {
  front.costs.clear();
  const scene = await setScene(front.url, employees);
  for (const [operationId, operate] of Object.entries(OPERATIONS)) {
    if (!without.has(operationId)) await operate(scene);
  }
  return front.costs;
}
