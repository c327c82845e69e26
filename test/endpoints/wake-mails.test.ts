/** R7: mails that the stream gave up are put into it once more. In a table of its own, that nothing sends from. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { wakeMails } from '../../functions/wake-mails/wake-mails.ts';
import { newGuessNotice } from '../../shared/store/guess-notices.ts';
import { type Key, resetKey } from '../../shared/store/keys.ts';
import { oweNotice } from '../../shared/store/notices.ts';
import { newReset, resetItem } from '../../shared/store/resets.ts';
import { getItem, putItem, type Table, transact } from '../../shared/store/table.ts';
import { aroundCalls } from '../support/aws-calls.ts';
import { ownTable } from '../support/own-table.ts';

const TENANT = 'acme';
const MUCH_TIME = { getRemainingTimeInMillis: () => 300_000 };
const now = new Date();
const minutesLater = (minutes: number) => new Date(now.getTime() + minutes * 60_000);

let table: Table;
beforeEach(async () => {
  const own = await ownTable();
  table = own.table;
  return own.close;
});

/** As it stands when its record went to the dead letters. */
async function givenUp(more: object = {}): Promise<Key> {
  const reset = newReset({ tenant: TENANT, employeeId: 1, requestedBy: 'admin' }, now);
  await putItem(table, { ...reset, outbox: 'sending', ...more });
  return resetKey(reset.id);
}

const wake = (at: Date, context = MUCH_TIME) => wakeMails({ table, clock: () => at })({}, context);

test('a mail owed for a quarter of an hour is woken, no younger one', async () => {
  const key = await givenUp();
  expect(await wake(minutesLater(14))).toEqual({ owed: 0, woken: 0 });
  expect(await wake(minutesLater(15))).toEqual({ owed: 1, woken: 1 });
  expect(await getItem(table, key, resetItem)).toMatchObject({
    outbox: 'pending',
    wokenOn: minutesLater(15).toISOString(),
    wakes: 1,
  });
});

test('each pause until it is woken again is twice as long', async () => {
  const key = await givenUp();
  const woken: number[] = [];
  for (let minutes = 15; minutes <= 4 * 60; minutes += 15) {
    if ((await wake(minutesLater(minutes))).woken === 1) woken.push(minutes);
  }
  expect(woken).toEqual([15, 45, 105, 225]);
  expect((await getItem(table, key, resetItem))?.wakes).toBe(woken.length);
});

test('every kind of mail that may be owed is woken; one that was sent, or is for nobody, is not', async () => {
  await givenUp();
  await transact(table, [oweNotice({ tenant: TENANT, id: 1 }, 'new-network', now)]);
  await putItem(table, newGuessNotice({ tenant: TENANT, employeeId: 1 }, now));
  await putItem(table, newGuessNotice(undefined, now));
  const { subjectPK, subjectSK, ...sent } = newReset(
    { tenant: TENANT, employeeId: 2, requestedBy: 'admin' },
    now,
  );
  await putItem(table, { ...sent, outbox: 'done' });
  expect(await wake(minutesLater(15))).toEqual({ owed: 3, woken: 3 });
});

test('what there is no time for waits for the next run', async () => {
  for (let mail = 0; mail < 5; mail += 1) await givenUp();
  const left = vi.fn().mockReturnValueOnce(300_000).mockReturnValueOnce(300_000).mockReturnValue(9_999);
  expect(await wake(minutesLater(15), { getRemainingTimeInMillis: left })).toEqual({ owed: 2, woken: 2 });
  expect(await wake(minutesLater(15))).toEqual({ owed: 5, woken: 3 });
});

test('a run that fails says so, and throws', async () => {
  await givenUp();
  aroundCalls(table.client, () => Promise.reject(new Error('gone')));
  vi.stubEnv('LOG_LEVEL', 'ERROR');
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    written.mockRestore();
  });
  await expect(wake(minutesLater(15))).rejects.toThrow('gone');
  expect(written.mock.calls.map(([line]) => JSON.parse(String(line)) as object)).toEqual([
    expect.objectContaining({ message: 'wake_failed', counts: { owed: 0, woken: 0 } }),
  ]);
});
