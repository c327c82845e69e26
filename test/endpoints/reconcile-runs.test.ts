/** What a run is ordered to do, how far it gets in its time, and what it passes over. */
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Deps } from '../../functions/reconcile/deps.ts';
import { readOrders } from '../../functions/reconcile/orders.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { findingsOf } from '../../functions/reconcile/report.ts';
import { functions } from '../../infra/functions.ts';
import { employeeKey } from '../../shared/store/keys.ts';
import { newReset } from '../../shared/store/resets.ts';
import { putItem, toAttributes } from '../../shared/store/table.ts';
import { MUCH_TIME, reconcileDeps, report, runLater } from '../support/reconcile.ts';
import { newEmployee, newTenant, type Tenant } from '../support/world.ts';

let deps: Deps;
beforeAll(() => {
  deps = reconcileDeps();
});

describe('orders', () => {
  it.each([
    [{ repair: 'yes' }, 'repair must be true or false'],
    [{ repair: true, speed: 3 }, 'speed is unknown'],
    [{ owedForMinutes: -1 }, 'owedForMinutes must be at least 0'],
    [{ owedForMinutes: 1.5 }, 'owedForMinutes must be a whole number'],
    [{ sendLinks: true }, 'sendLinks changes accounts: it needs repair to be true'],
    [{ resume: true, tenant: 'acme' }, 'resume is for all companies: it goes without tenant and after'],
    [{ resume: true, after: 'acme' }, 'resume is for all companies: it goes without tenant and after'],
    [{ tenant: 7 }, 'tenant must be a sign-in name'],
    ['repair', 'must be an object'],
    [{ tenant: 'no-such-company-here' }, 'There is no company "no-such-company-here"'],
  ])('%j are answered, not thrown, so that no alarm rings: %s', async (orders, message) => {
    expect(await reconcile(deps)(orders, MUCH_TIME)).toEqual({ refused: expect.stringContaining(message) });
  });

  it('of the daily run are understood', () => {
    const { trigger } = functions.find(({ name }) => name === 'reconcile') ?? {};
    expect(trigger?.kind === 'schedule' && readOrders(trigger.event)).toMatchObject({ ok: true });
  });

  it('are given up in time, and tell after which company to go on', async () => {
    await newTenant();
    const inTime = await report(deps, {}, { getRemainingTimeInMillis: () => 1 });
    expect(inTime).toMatchObject({ next: '', tenants: 0 });
    let calls = 0;
    const forOne = { getRemainingTimeInMillis: () => (calls++ < 1 ? 900_000 : 1) };
    const first = await report(deps, {}, forOne);
    expect(first).toMatchObject({ tenants: 1, next: expect.stringMatching(/./) });
    calls = 0;
    const second = await report(deps, { after: first.next }, forOne);
    expect(second.next).not.toBe(first.next);
  });
});

describe('R7 a daily run that has not time enough', () => {
  const daily = { repair: false, resume: true };
  /** Companies that were begun; a run looks at the clock before each. */
  const timeFor = (companies: number) => {
    let looks = 0;
    return { getRemainingTimeInMillis: () => (looks++ < companies ? 900_000 : 1) };
  };

  it('is told by a metric; the next goes on after the last company, however it ends', async () => {
    // The first of the list: other files make and remove companies meanwhile.
    const begun = Date.now();
    const one = await newTenant({ company: `0 ${begun} a` });
    const other = await newTenant({ company: `0 ${begun} b` });
    await report(deps, daily);
    const lines = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const first = await report(deps, daily, timeFor(1));
    const told = lines.mock.calls.map(([line]) => String(line)).filter((line) => /OutOfTime/.test(line));
    lines.mockRestore();
    expect(told).toHaveLength(1);
    expect(first.next).toBe(one.name);
    // By hand a run goes its own way, and the daily one is not told of it.
    expect((await report(deps, {}, timeFor(1))).next).toBe(first.next);
    const second = await report(deps, daily, timeFor(1));
    expect(second).toMatchObject({ tenants: 1, next: other.name });
    const rest = await report(deps, daily);
    expect(rest.next).toBeNull();
    const anew = await report(deps, daily, timeFor(1));
    expect(anew).toMatchObject({ tenants: 1, next: one.name });
  });

  it('stops in the middle of the pool, too, counting nothing of it; the next has all the time for it', async () => {
    // The last of the list.
    const begun = Date.now();
    const one = await newTenant({ company: `zzzzz ${begun} a` });
    const last = await newTenant({ company: `zzzzz ${begun} b` });
    const byHand = `by-hand-${begun}`;
    await deps.client.call('AdminCreateUser', {
      UserPoolId: deps.poolId,
      Username: byHand,
      MessageAction: 'SUPPRESS',
    });
    // Looks at the clock: before the last company, before the pool, in the midst of it.
    const left = [900_000, 600_000, 59_000];
    const short = { getRemainingTimeInMillis: () => left.shift() ?? 1 };
    const cut = await report(deps, { after: one.name }, short);
    expect(cut).toMatchObject({ tenants: 1, next: last.name, foreignUsers: { found: 0 } });
    const rest = await report(deps, { after: last.name }, { getRemainingTimeInMillis: () => 59_000 });
    expect(rest).toMatchObject({ tenants: 0, next: null });
    expect(rest.foreignUsers.users).toContain(byHand);
    await deps.client.call('AdminDeleteUser', { UserPoolId: deps.poolId, Username: byHand });
  });

  it('looks after owed mails first, wherever it goes on', async () => {
    const tenant = await newTenant();
    await report(deps, daily, timeFor(1));
    const { id } = await newEmployee(tenant);
    const reset = newReset({ tenant: tenant.name, employeeId: id, requestedBy: 'admin' }, new Date());
    await putItem(deps.table, { ...reset, outbox: 'sending' });
    const { owedMails } = await report(deps, { ...daily, owedForMinutes: 0 });
    expect(owedMails.found).toBeGreaterThan(0);
  });
});

describe('a company with an item that the code cannot read', () => {
  async function broken(company?: string): Promise<Tenant> {
    const tenant = await newTenant(company === undefined ? {} : { company });
    const { id, userName } = await newEmployee(tenant);
    const write = (value: { N: string } | { S: string }) =>
      deps.table.client.call('UpdateItem', {
        TableName: deps.table.name,
        Key: toAttributes(employeeKey(tenant.name, id)),
        UpdateExpression: 'SET userName = :value',
        ExpressionAttributeValues: { ':value': value },
      });
    await write({ N: '5' });
    onTestFinished(async () => void (await write({ S: userName })));
    return tenant;
  }

  it('is told by name, and needs a person', async () => {
    const tenant = await broken();
    const told = await runLater(deps, tenant);
    expect(told).toMatchObject({ unreadable: [tenant.name], tenants: 0 });
    expect(findingsOf(told)).toBe(1);
  });

  it('holds up none behind it', async () => {
    const begun = Date.now();
    const before = await newTenant({ company: `zzzz ${begun} a` });
    const between = await broken(`zzzz ${begun} b`);
    const behind = await newTenant({ company: `zzzz ${begun} c` });
    const left = [900_000, 900_000];
    const forTwo = { getRemainingTimeInMillis: () => left.shift() ?? 1 };
    const told = await report(deps, { after: before.name }, forTwo);
    expect(told).toMatchObject({ unreadable: [between.name], tenants: 1, next: behind.name });
  });
});
