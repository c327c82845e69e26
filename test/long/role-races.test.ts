import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { readEmployee } from '../../shared/store/employees.ts';
import { auditKey } from '../../shared/store/keys.ts';
import { readRole } from '../../shared/store/roles.ts';
import { openTable, type Table } from '../../shared/store/table.ts';
import { useStackEnvironment } from '../support/environment.ts';
import { startNaiveFront } from '../support/naive-front.ts';
import { createRole, newRole, ROLES_PATH, type Role, rolesOf } from '../support/roles.ts';
import { newEmployee, newTenant, request, stack } from '../support/world.ts';

function openTestTable(): Table {
  return openTable(useStackEnvironment().TABLE_NAME);
}

describe('role changes at once', () => {
  it('of six at once loses none, and lets one name in once', async () => {
    const tenant = await newTenant();
    const names = ['Same', 'SAME', 'same', ...Array.from({ length: 3 }, (_, index) => `Other ${index}`)];
    const outcomes = await Promise.all(names.map((name) => createRole(tenant, { name })));
    const done = outcomes.filter(({ status }) => status === 200).map(({ result }) => (result as Role).id);
    const listed = (await rolesOf(tenant.admin)).filter(({ isSystem }) => !isSystem).map(({ id }) => id);
    expect(listed.sort()).toEqual(done.sort());
    const same = (await rolesOf(tenant.admin, '&Filter.Text=same')).length;
    expect(same).toBe(1);
    for (const { status, error } of outcomes.filter((outcome) => outcome.status !== 200)) {
      expect(status).toBe(409);
      expect(['role_name_taken', 'changed_meanwhile']).toContain(error?.reason);
    }
  });

  it('never leaves an employee with a role that is gone, when both happen at once', async () => {
    const tenant = await newTenant();
    const bot = await newEmployee(tenant);
    for (let round = 0; round < 15; round += 1) {
      const role = await newRole(tenant);
      const [removed, gained] = await Promise.all([
        request('DELETE', `${ROLES_PATH}/${role.id}`, { token: tenant.admin }),
        request('PATCH', `/v2/hr/employees/${bot.id}`, {
          token: tenant.admin,
          body: { securityRoleIds: [role.id] },
        }),
      ]);
      expect([removed.status, gained.status].filter((status) => status === 200)).toHaveLength(1);
    }
  });
});

it('M17: each change leaves its record with it, before and after', async () => {
  const tenant = await newTenant();
  const table = openTestTable();
  const role = await newRole(tenant, { name: 'First', rights: { hr: ['view'] } });
  await request('PATCH', `${ROLES_PATH}/${role.id}`, { token: tenant.admin, body: { name: 'Second' } });
  await request('DELETE', `${ROLES_PATH}/${role.id}`, { token: tenant.admin });
  const { PK } = auditKey(tenant.name, new Date(), '');
  const { Items = [] } = await table.client.call('Query', {
    TableName: table.name,
    KeyConditionExpression: 'PK = :month',
    ExpressionAttributeValues: marshall({ ':month': PK }),
  });
  const records = Items.map((item) => unmarshall(item)).filter(({ action }) => action.startsWith('role.'));
  expect(records.map(({ action, changes }) => [action, changes.name])).toEqual([
    ['role.create', { after: 'First' }],
    ['role.update', { before: 'First', after: 'Second' }],
    ['role.delete', { before: 'Second' }],
  ]);
  for (const { actor, subject } of records) {
    expect(actor.id).toBe(tenant.adminId);
    expect(subject).toEqual({ kind: 'role', id: String(role.id) });
  }
});

describe('M12: a role turns external at the moment at which an internal user gains it', () => {
  type Round = { readonly turned: boolean; readonly gained: boolean; readonly bothHold: boolean };

  /** Both at once at `url`, each side first in half of the rounds; then as before. */
  async function race(url: string, rounds: number): Promise<readonly Round[]> {
    const tenant = await newTenant();
    const table = openTestTable();
    const bot = await newEmployee(tenant);
    const role = await newRole(tenant);
    const patch = (path: string, body: object, at = stack.url) =>
      request('PATCH', path, { url: at, token: tenant.admin, body });
    const turn = () => patch(`${ROLES_PATH}/${role.id}`, { isExternal: true }, url);
    const gain = () => patch(`/v2/hr/employees/${bot.id}`, { securityRoleIds: [role.id] }, url);
    const seen: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const early = round % 2 === 0 ? turn() : gain();
      const late = round % 2 === 0 ? gain() : turn();
      const [turned, gained] = await Promise.all(round % 2 === 0 ? [early, late] : [late, early]);
      const [held, employee] = await Promise.all([
        readRole(table, tenant.name, role.id),
        readEmployee(table, tenant.name, bot.id),
      ]);
      const bothHold = held?.external === true && employee?.roleIds.includes(role.id) === true;
      seen.push({ turned: turned.status === 200, gained: gained.status === 200, bothHold });
      if (turned.status !== 200) expect(turned.error?.reason).toBe('role_held_by_internal_users');
      await patch(`/v2/hr/employees/${bot.id}`, { securityRoleIds: [] });
      await patch(`${ROLES_PATH}/${role.id}`, { isExternal: false });
    }
    return seen;
  }

  function expectNeverBoth(rounds: readonly Round[]): void {
    expect(rounds.filter(({ bothHold }) => bothHold)).toEqual([]);
    expect(rounds.filter(({ turned, gained }) => turned === gained)).toEqual([]);
  }

  it('never do both succeed, in 100 rounds', { timeout: 120_000 }, async () => {
    const rounds = await race(stack.url, 100);
    expectNeverBoth(rounds);
    // Each side wins at times, so the rounds were races.
    expect(rounds.some(({ turned }) => turned)).toBe(true);
    expect(rounds.some(({ gained }) => gained)).toBe(true);
  });

  it('would be seen: where writes ask for nothing, both do', async () => {
    const naive = await startNaiveFront();
    const rounds = await race(naive.url, 1);
    await naive.close();
    expect(() => expectNeverBoth(rounds)).toThrow(/expected/);
    expect(rounds).toEqual([{ turned: true, gained: true, bothHold: true }]);
  });
});
