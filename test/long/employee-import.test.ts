import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it, test } from 'vitest';
import {
  mailedLink,
  newApiAccount,
  newEmployee,
  newTenant,
  type Reply,
  ROLES,
  request,
  type Tenant,
  tokenFor,
} from '../support/world.ts';

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant({ licences: 4 });
});

const HEADER = 'userName,userType,firstName,lastName,emailAddress,department,isActive,securityRoles';
const row = (
  name: string,
  more: Partial<Record<'type' | 'mail' | 'department' | 'active' | 'roles', string>> = {},
) =>
  [
    name,
    more.type ?? 'API Employee',
    'Im',
    'Port',
    more.mail ?? '',
    more.department ?? '',
    more.active ?? '',
    more.roles ?? '',
  ].join(',');
const many = (count: number, tag: string) =>
  [HEADER, ...Array.from({ length: count }, (_, at) => row(`${tag}-${at}`))].join('\r\n');

const post = (csv: string, query = '', options: { token?: string; type?: string } = {}) =>
  request('POST', `/v2/hr/employees/import${query}`, {
    token: options.token ?? tenant.admin,
    body: csv,
    headers: { 'content-type': options.type ?? 'text/csv' },
  });
const dryRun = (csv: string, query = '') => post(csv, `?DryRun=true${query}`);
async function total(of = tenant): Promise<number> {
  return (await request('GET', '/v2/hr/employees?PageSize=1', { token: of.admin })).totalRecords ?? -1;
}
async function licencesUsed(of = tenant): Promise<number> {
  const company = await request('GET', '/v2/admin/mycompany', { token: of.admin });
  return (company.result as { licences: { used: number } }).licences.used;
}

describe('a dry run', () => {
  it('reports every bad row with every bad field, and writes nothing', async () => {
    const before = await total();
    await newEmployee(tenant, { userName: 'here-before' });
    const csv = [
      HEADER,
      row('fine-one'),
      row('HERE-before'),
      row('two words', { type: 'Robot', mail: 'nobody' }),
      row('Fine-One'),
      row('external', { roles: 'External User' }),
      row('no-such-role', { roles: 'User;Wizard', active: 'maybe' }),
      row('fine-two', { roles: 'user|5', active: 'FALSE' }),
      `${row('too-long')},x,y`,
      ',,,,,,,',
      row(''),
      row('all wrong', { roles: 'External User;Wizard;7;User', mail: 'nobody' }),
    ].join('\n');
    const { result } = await dryRun(csv);
    expect(result).toEqual({
      state: 'checked',
      rows: 10,
      valid: false,
      licencesNeeded: 0,
      problems: [],
      badRows: [
        { row: 3, problems: ['userName is taken'] },
        {
          row: 4,
          problems: [
            "userName may hold letters and digits of any script and . _ @ + ' - only",
            'userType must be one of Employee, External Employee, API Employee',
            'emailAddress must be one mail address, such as bot@acme.example',
          ],
        },
        { row: 5, problems: ['userName is that of row 2'] },
        {
          row: 6,
          problems: ['securityRoles: Error! Cannot add external roles to internal users. (External User)'],
        },
        {
          row: 7,
          problems: [
            'securityRoles names a role that does not exist: Wizard',
            'isActive must be true or false',
          ],
        },
        { row: 9, problems: ['has 10 cells; the header has 8'] },
        { row: 11, problems: ['userName is required'] },
        {
          row: 12,
          problems: [
            'securityRoles names a role that does not exist: Wizard',
            "userName may hold letters and digits of any script and . _ @ + ' - only",
            'emailAddress must be one mail address, such as bot@acme.example',
            'securityRoles must not name a role twice',
            'securityRoles: Error! Cannot add external roles to internal users. (External User)',
          ],
        },
      ],
    });
    expect(await post(csv)).toMatchObject({ status: 422, error: { reason: 'import_invalid' } });
    expect(await total()).toBe(before + 1);
  });

  it('counts the licences that the file needs (M10)', async () => {
    const csv = [
      HEADER,
      ...['a', 'b', 'c', 'd'].map((name) => row(`lic-${name}`, { type: 'Employee' })),
    ].join('\n');
    expect((await dryRun(csv)).result).toMatchObject({
      valid: false,
      licencesNeeded: 4,
      problems: ['the file needs 4 licences; 3 are free'],
    });
    expect(await post(csv)).toMatchObject({
      status: 422,
      error: { subErrors: ['the file needs 4 licences; 3 are free'] },
    });
  });

  it('reports 5,000 rows in one call', async () => {
    const reply = await dryRun(many(5000, 'big'));
    expect(reply.result).toMatchObject({ rows: 5000, valid: true });
  });

  it('tells that mails need addresses', async () => {
    const csv = [HEADER, row('mail-no'), row('mail-off', { active: 'no' })].join('\n');
    expect((await dryRun(csv, '&SendInstructions=true')).result).toMatchObject({
      badRows: [{ row: 2, problems: ['emailAddress is needed to send instructions'] }],
    });
  });
});

describe('the file', () => {
  test.each<[string, string, Partial<NonNullable<Reply['error']>>]>([
    [
      'without its columns',
      'userName,nonsense\nx,y',
      {
        reason: 'invalid_fields',
        subErrors: [
          expect.stringContaining('userType is missing'),
          expect.stringContaining('firstName'),
          expect.stringContaining('lastName'),
          expect.stringContaining('1 column is not known (nonsense)'),
        ],
      },
    ],
    [
      'with a doubled column',
      `${HEADER},USER NAME\n`,
      { reason: 'invalid_fields', subErrors: ['the column userName is given more than once'] },
    ],
    ['without rows', HEADER, { reason: 'invalid_fields', subErrors: ['the file holds no rows'] }],
    ['with an open quote', `${HEADER}\n"x`, { reason: 'malformed_body' }],
    [
      'with too many rows',
      many(5001, 'x'),
      {
        reason: 'invalid_fields',
        subErrors: ['the file holds 5001 rows; at most 5000 are imported at once'],
      },
    ],
    ['that is too large', `${HEADER}\n${'x'.repeat(2 * 1024 * 1024)}`, { reason: 'body_too_large' }],
  ])('%s is refused', async (_, csv, error) => {
    expect((await dryRun(csv)).error).toMatchObject(error);
  });

  it('says which separator it found where it is none of those taken', async () => {
    const reply = await post(many(1, 'bar').replaceAll(',', '|'));
    expect(reply).toMatchObject({
      status: 400,
      error: { subErrors: [expect.stringContaining('a vertical bar was found')] },
    });
  });

  it('is CSV and says so', async () => {
    expect(await post(many(1, 'x'), '', { type: 'application/json' })).toMatchObject({ status: 415 });
  });

  test.each<[string, string]>([
    ['a byte order mark', `\uFEFF${many(1, 'bom')}`],
    ['semicolons', many(1, 'semi').replaceAll(',', ';')],
    ['tabs', many(1, 'tab').replaceAll(',', '\t')],
    ['other spelling of its header', many(1, 'spelt').replace('userName,userType', 'User Name,USER_TYPE')],
    ['quoted cells over two lines', `${HEADER},notes\n${row('quoted')},"one\ntwo, ""three"""`],
    ['any script', `${HEADER}\n${row('Ωμέγα')}\n${row('名前')}`],
  ])('may have %s', async (_, csv) => {
    expect((await dryRun(csv)).result).toMatchObject({ valid: true, badRows: [] });
  });
});

describe('a run', () => {
  it('writes the rows with roles, counters and audit, several in one transaction', async () => {
    const own = await newTenant({ licences: 4 });
    const csv = [
      HEADER,
      row('p-1', { type: 'Employee', roles: 'Project Manager', department: 'Wien' }),
      row('p-2', { type: 'Employee', roles: 'Administrator;Project Manager', mail: 'p-2@acme.example' }),
      row('p-3', { type: 'Employee', active: 'no' }),
      ...Array.from({ length: 60 }, (_, at) => row(`bot-${at}`, { roles: '6' })),
    ].join('\n');
    const importId = randomUUID();
    const reply = await post(csv, `?ImportId=${importId}`, { token: own.admin });
    expect(reply.result).toEqual({ importId, state: 'finished', rows: 63, done: 63 });
    expect(await total(own)).toBe(64);
    expect(await licencesUsed(own)).toBe(3);
    const holders = async (id: number) =>
      (await request('GET', `/v2/admin/security/roles/${id}`, { token: own.admin })).result;
    expect(await holders(ROLES.projectManager)).toMatchObject({ internalHolders: 2 });
    expect(await holders(ROLES.user)).toMatchObject({ internalHolders: 60 });
    // The imported Administrator counts: the first may go.
    const gone = await request('POST', `/v2/hr/employees/${own.adminId}/deactivate`, { token: own.admin });
    expect(gone.status).toBe(200);
  });

  it('repeated with its id writes nothing more; another file under the id is refused', async () => {
    const importId = randomUUID();
    const csv = many(5, 'again');
    expect((await post(csv, `?ImportId=${importId}`)).result).toMatchObject({ done: 5 });
    const before = await total();
    expect((await post(csv, `?ImportId=${importId}`)).result).toMatchObject({ state: 'finished', done: 5 });
    expect(await total()).toBe(before);
    const other = await post(many(6, 'again'), `?ImportId=${importId}`);
    expect(other).toMatchObject({ status: 422, error: { reason: 'import_differs' } });
    const seen = await request('GET', `/v2/hr/employees/import/${importId}`, { token: tenant.admin });
    expect(seen.result).toMatchObject({ importId, state: 'finished', rows: 5, done: 5 });
  });

  it('sent four times at once writes each row once', async () => {
    const own = await newTenant();
    const csv = many(200, 'race');
    const query = `?ImportId=${randomUUID()}`;
    const replies = await Promise.all(
      Array.from({ length: 4 }, () => post(csv, query, { token: own.admin })),
    );
    const known = ['busy', 'done'];
    expect(
      replies.map(({ error }) => error?.reason ?? 'done').filter((reason) => !known.includes(reason)),
    ).toEqual([]);
    expect((await post(csv, query, { token: own.admin })).result).toMatchObject({ state: 'finished' });
    expect(await total(own)).toBe(201);
  });

  it('mails set-up links only when asked', async () => {
    const address = `${randomUUID()}@acme.example`;
    const csv = [HEADER, row('mailed', { mail: address })].join('\n');
    expect((await post(csv, '?SendInstructions=true')).result).toMatchObject({ done: 1 });
    expect(await mailedLink(address)).toContain('/password/new?link=');
  });

  it('paces the mails at ten a second', async () => {
    const tag = randomUUID();
    const rows = Array.from({ length: 21 }, (_, at) => row(`paced-${at}`, { mail: `p${at}@${tag}.example` }));
    const begunAt = Date.now();
    const reply = await post([HEADER, ...rows].join('\n'), '?SendInstructions=true');
    expect(reply.result).toMatchObject({ state: 'finished', done: 21 });
    expect(Date.now() - begunAt).toBeGreaterThan(2000);
  });

  it('reaches no further than the rights of who imports', async () => {
    await request('PATCH', `/v2/admin/security/roles/${ROLES.serviceDeskManager}`, {
      token: tenant.admin,
      body: { apiAccess: true, rights: { hr: ['view', 'modify'] } },
    });
    const account = await newApiAccount(tenant);
    const token = await tokenFor(account.user, account.password);
    const reply = await post([HEADER, row('climber', { roles: 'Administrator' })].join('\n'), '', { token });
    expect(reply.error?.subErrors[0]).toMatch(/^row 2: securityRoles: This reaches beyond your own rights/);
  });
});

test('a role that is one by its id and another by its name is not guessed at', async () => {
  const own = await newTenant();
  const made = await request('POST', '/v2/admin/security/roles', { token: own.admin, body: { name: '1' } });
  const { id } = made.result as { id: number };
  const importing = (roles: string) =>
    post([HEADER, row('unclear', { roles })].join('\n'), `?ImportId=${randomUUID()}`, { token: own.admin });
  expect(JSON.stringify(await importing('1'))).toContain('1 is the id of one role and the name of another');
  // Named apart, each is to be had.
  expect((await importing(String(id))).result).toMatchObject({ state: 'finished', done: 1 });
  const { result } = await request('GET', '/v2/hr/employees?Filter.Text=unclear', { token: own.admin });
  expect(result).toMatchObject([{ securityRoles: [{ id }] }]);
});
