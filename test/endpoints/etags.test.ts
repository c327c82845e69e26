import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../infra/local/clients.ts';
import type { AuditRecord } from '../../shared/store/audit.ts';
import { changeEmployee, readEmployee } from '../../shared/store/employees.ts';
import type { EmployeeItem } from '../../shared/store/items.ts';
import { markUndeliverable } from '../../shared/store/mail-feedback.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { enrol, newPerson, signInAt } from '../support/people.ts';
import {
  choosePassword,
  fetchToken,
  mailedLink,
  newEmployee,
  newTenant,
  PASSWORD,
  type Reply,
  ROLES,
  request,
  type Tenant,
} from '../support/world.ts';

const COMPANY = '/v2/admin/mycompany';
const ROLE = '/v2/admin/security/roles';
const employee = (id: number, action = '') => `/v2/hr/employees/${id}${action && `/${action}`}`;

let table: Table;
let tenant: Tenant;
beforeAll(async () => {
  table = openTable(useStackEnvironment().TABLE_NAME);
  tenant = await newTenant({ licences: 10 });
});

const etagIn = ({ headers }: Reply) => headers.get('etag') ?? '';
const get = (path: string) => request('GET', path, { token: tenant.admin });
const etagAt = async (path: string) => etagIn(await get(path));
const send = (method: string, path: string, etag?: string, body?: unknown) =>
  request(method, path, {
    token: tenant.admin,
    ...(body === undefined ? {} : { body }),
    ...(etag === undefined ? {} : { headers: { 'if-match': etag } }),
  });
const STALE = { status: 412, error: { reason: 'stale' } };

/** Once the mail that is owed is sent, and written down as sent. */
async function mailSent(id: number): Promise<void> {
  for (;;) {
    const { result } = await get(employee(id));
    if ((result as { lastInstructions: { state: string } }).lastInstructions.state === 'sent') return;
    await sleep(50);
  }
}

/** Of writes at once that name one version, one is done and the others are stale; gives the one. */
function onlyOneOf(replies: readonly Reply[]): Reply {
  const done = replies.filter(({ status }) => status === 200);
  expect(done).toHaveLength(1);
  for (const reply of replies) if (reply.status !== 200) expect(reply).toMatchObject(STALE);
  return done[0] as Reply;
}

describe('an employee', () => {
  it('keeps its ETag while its set-up mail goes out', async () => {
    const fields = { userType: 'API Employee', firstName: 'Billing', lastName: 'Bridge' };
    const body = { ...fields, userName: 'etag-bridge', emailAddress: 'etag@bridge.example' };
    const created = await send('POST', '/v2/hr/employees', undefined, { ...body, sendInstructions: true });
    const { id } = created.result as { id: number };
    await mailSent(id);
    expect(await etagAt(employee(id))).toBe(etagIn(created));
    expect((await send('PATCH', employee(id), etagIn(created), { notes: 'x' })).status).toBe(200);
  });

  it('keeps it through Reset and send instructions, whose reply carries it', async () => {
    const { id } = await newEmployee(tenant);
    const etag = await etagAt(employee(id));
    const reset = await send('POST', employee(id, 'resetinstructions'), etag);
    expect(reset.status).toBe(200);
    expect(etagIn(reset)).toBe(etag);
    await mailSent(id);
    expect((await send('PATCH', employee(id), etag, { notes: 'x' })).status).toBe(200);
    expect(await send('POST', employee(id, 'resetinstructions'), etag)).toMatchObject(STALE);
  });

  it('has another once its owner set a password', async () => {
    const { id, emailAddress } = await newEmployee(tenant, { sendInstructions: true });
    const link = await mailedLink(emailAddress);
    const etag = await etagAt(employee(id));
    expect((await choosePassword(link, PASSWORD)).status).toBe(200);
    expect(await etagAt(employee(id))).not.toBe(etag);
  });

  it('loses no mail to edits, and no edit to mails, when both go on at once', async () => {
    const { id, emailAddress } = await newEmployee(tenant);
    const mails = (async () => {
      for (let mail = 0; mail < 4; mail += 1) {
        expect((await send('POST', employee(id, 'resetinstructions'))).status).toBe(200);
        await mailSent(id);
      }
    })();
    let etag = await etagAt(employee(id));
    for (let edit = 1; edit <= 25; edit += 1) {
      const reply = await send('PATCH', employee(id), etag, { notes: String(edit) });
      expect(reply.status).toBe(200);
      etag = etagIn(reply);
    }
    await mails;
    expect((await get(employee(id))).result).toMatchObject({
      notes: '25',
      lastInstructions: { state: 'sent' },
    });
    expect((await choosePassword(await mailedLink(emailAddress, 4), PASSWORD)).status).toBe(200);
  });

  it('a password set by hand is refused when stale, before the user pool has it', async () => {
    const person = await newPerson(tenant);
    const etag = await etagAt(employee(person.id));
    const put = (ifMatch: string, password: string) =>
      send('PUT', employee(person.id, 'password'), ifMatch, { password });
    expect(await put('"999"', 'a password of nobody')).toMatchObject(STALE);
    expect(await put('1', 'a password of nobody')).toMatchObject({ status: 400 });
    expect((await fetchToken(person.user, PASSWORD)).status).toBe(200);
    const passwords = Array.from({ length: 8 }, (_, index) => `harbour walk number ${index}`);
    const replies = await Promise.all(passwords.map((password) => put(etag, password)));
    onlyOneOf(replies);
    const winner = passwords[replies.findIndex(({ status }) => status === 200)] ?? '';
    expect((await fetchToken(person.user, winner)).status).toBe(200);
  });

  it('a second factor is reset in the version that was read only', async () => {
    const person = await newPerson(tenant);
    await enrol((await signInAt(tenant.name, person.userName)).browser);
    const reset = (etag: string) => send('POST', employee(person.id, 'resetfactor'), etag);
    expect(await reset('"999"')).toMatchObject(STALE);
    const etag = await etagAt(employee(person.id));
    const done = onlyOneOf(await Promise.all([reset(etag), reset(etag), reset(etag)]));
    expect(etagIn(done)).toBe(await etagAt(employee(person.id)));
  });
});

describe('an edit that read the account before a mail, and writes after it', () => {
  const audit = (employeeId: number): AuditRecord => ({
    tenant: tenant.name,
    employeeId,
    at: new Date(),
    action: 'employee.update',
    outcome: 'done',
    actor: { kind: 'system' },
  });

  /** @param meanwhile what happens between the edit's read and its write. */
  async function lateEdit(
    id: number,
    edit: Partial<EmployeeItem>,
    meanwhile: (before: EmployeeItem) => Promise<unknown>,
  ) {
    const before = await readEmployee(table, tenant.name, id);
    if (before === undefined) throw new Error('No such employee');
    await meanwhile(before);
    const roles = { before: [], after: [] };
    const context = { effects: { licences: 0, administrators: 0 }, audit: audit(id) } as const;
    expect(await changeEmployee(table, before, { ...before, ...edit }, roles, context)).toEqual([]);
    return readEmployee(table, tenant.name, id);
  }

  async function mailed(id: number) {
    await send('POST', employee(id, 'resetinstructions'));
    await mailSent(id);
  }

  it('leaves the link good and the mail told', async () => {
    const { id, emailAddress } = await newEmployee(tenant);
    const after = await lateEdit(id, { jobTitle: 'Bridge' }, () => mailed(id));
    expect(after).toMatchObject({
      jobTitle: 'Bridge',
      instructionsState: 'sent',
      resetId: expect.any(String),
    });
    expect((await new Browser().get(await mailedLink(emailAddress))).status).toBe(200);
  });

  it.each<[string, Partial<EmployeeItem>]>([
    ['the mail address', { emailAddress: 'corrected@bridge.example' }],
    ['the state', { active: false }],
  ])('voids the link where it changes %s', async (_what, edit) => {
    const { id, emailAddress } = await newEmployee(tenant);
    expect((await lateEdit(id, edit, () => mailed(id)))?.resetId).toBeUndefined();
    expect((await new Browser().get(await mailedLink(emailAddress))).status).not.toBe(200);
  });

  it.each<[string, Partial<EmployeeItem>, string | undefined]>([
    ['leaves the mark of the address', { jobTitle: 'Bridge' }, 'bounced'],
    ['takes the mark away with the address', { emailAddress: 'other@bridge.example' }, undefined],
  ])('%s', async (_what, edit, mark) => {
    const { id } = await newEmployee(tenant);
    const bounce = (before: EmployeeItem) =>
      markUndeliverable(table, before, { problem: 'bounced', of: 'instructions' }, audit(before.id));
    expect((await lateEdit(id, edit, bounce))?.mailProblem).toBe(mark);
  });

  it('takes away what it clears', async () => {
    const { id } = await newEmployee(tenant, { notes: 'old' });
    const after = await lateEdit(id, { notes: undefined }, () => mailed(id));
    expect(after).not.toHaveProperty('notes');
  });
});

describe('a role', () => {
  const newRole = async () => {
    const reply = await send('POST', ROLE, undefined, { name: `Role ${crypto.randomUUID()}` });
    return { path: `${ROLE}/${(reply.result as { id: number }).id}`, etag: etagIn(reply) };
  };

  it('is changed and deleted in the version that was read only', async () => {
    const { path, etag } = await newRole();
    expect(await etagAt(path)).toBe(etag);
    const changed = await send('PATCH', path, etag, { apiAccess: true });
    expect(changed.status).toBe(200);
    expect(etagIn(changed)).toBe(await etagAt(path));
    expect(await send('PATCH', path, etag, { apiAccess: false })).toMatchObject(STALE);
    expect(await send('DELETE', path, etag)).toMatchObject(STALE);
    expect(await send('DELETE', path, '1')).toMatchObject({ status: 400 });
    expect((await get(path)).result).toMatchObject({ apiAccess: true });
    expect((await send('DELETE', path, etagIn(changed))).status).toBe(200);
  });

  it('keeps its ETag while other roles are edited, and while people gain it', async () => {
    const { path, etag } = await newRole();
    const other = await newRole();
    await send('PATCH', other.path, undefined, { apiAccess: true });
    await newEmployee(tenant, { securityRoleIds: [Number(path.split('/').at(-1))] });
    expect(await etagAt(path)).toBe(etag);
  });

  it('built in has one too', async () => {
    const path = `${ROLE}/${ROLES.projectManager}`;
    expect((await send('PATCH', path, await etagAt(path), { apiAccess: true })).status).toBe(200);
    expect(await send('PATCH', path, '"1"', { apiAccess: false })).toMatchObject(STALE);
  });

  it('R5: of 50 edits at once of one version one is done in each round, and none is lost', async () => {
    const { path } = await newRole();
    for (let round = 0; round < 3; round += 1) {
      const etag = await etagAt(path);
      const edits = Array.from({ length: 50 }, (_, index) => ({ name: `Round ${round} edit ${index}` }));
      const done = onlyOneOf(await Promise.all(edits.map((body) => send('PATCH', path, etag, body))));
      const { result, headers } = await get(path);
      expect(result).toEqual(done.result);
      expect(headers.get('etag')).toBe(etagIn(done));
    }
  });
});

describe('My Company', () => {
  it('is changed in the version that was read only', async () => {
    const etag = await etagAt(COMPANY);
    const changed = await send('PATCH', COMPANY, etag, { adminLinkHours: 12 });
    expect(changed.status).toBe(200);
    expect(etagIn(changed)).toBe(await etagAt(COMPANY));
    expect(await send('PATCH', COMPANY, etag, { adminLinkHours: 13 })).toMatchObject(STALE);
    expect(await send('PATCH', COMPANY, 'x', { adminLinkHours: 13 })).toMatchObject({ status: 400 });
    expect((await get(COMPANY)).result).toMatchObject({ adminLinkHours: 12 });
  });

  it('R5: of 50 changes at once of one version one is done in each round', async () => {
    for (let round = 0; round < 3; round += 1) {
      const etag = await etagAt(COMPANY);
      const quotas = Array.from({ length: 50 }, (_, index) => 100_000 + round * 100 + index);
      const replies = quotas.map((quotaPerHour) => send('PATCH', COMPANY, etag, { quotaPerHour }));
      const done = onlyOneOf(await Promise.all(replies));
      expect((await get(COMPANY)).result).toEqual(done.result);
    }
  });
});

describe('a change that changes nothing', () => {
  const audited = async (action: string) =>
    ((await get(`/v2/admin/security/auditlog?PageSize=500&Filter.Action=${action}`)).result as unknown[])
      .length;

  it('of an employee leaves its ETag as it is, and no record', async () => {
    const fields = { jobTitle: 'Bridge', securityRoleIds: [ROLES.user] };
    const { id } = await newEmployee(tenant, fields);
    const etag = await etagAt(employee(id));
    const records = await audited('employee.update');
    const same = await send('PATCH', employee(id), etag, { ...fields, isActive: true, department: null });
    expect(same.status).toBe(200);
    expect(same.result).toMatchObject({ id, jobTitle: 'Bridge' });
    expect(etagIn(same)).toBe(etag);
    expect(await etagAt(employee(id))).toBe(etag);
    expect(await audited('employee.update')).toBe(records);
    expect(await send('PATCH', employee(id), '"99"', fields)).toMatchObject(STALE);
  });

  it.each([
    ['a role', `${ROLE}/${ROLES.user}`, { isActive: true, isExternal: false }, 'role.update'],
    ['My Company', COMPANY, { requireMfaForNonSsoUsers: false }, 'company.update'],
  ])('of %s likewise', async (_, path, body, action) => {
    const before = await get(path);
    const records = await audited(action);
    const same = await send('PATCH', path, etagIn(before), body);
    expect(same.result).toEqual(before.result);
    expect(etagIn(same)).toBe(etagIn(before));
    expect(await etagAt(path)).toBe(etagIn(before));
    expect(await audited(action)).toBe(records);
    expect(await send('PATCH', path, '"999"', body)).toMatchObject(STALE);
  });
});
