import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { listPeople } from '../../shared/store/people.ts';
import type { Table } from '../../shared/store/table.ts';

/** Lambda ends a function whose promise fails while nobody waits for it: its caller gets no reply of ours. */
test('a picker whose total fails before its rows are read fails as a whole, with nothing unhandled', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const call = async (operation: string) => {
    if (operation === 'GetItem') throw new Error('the total');
    await sleep(20);
    return { Items: [] };
  };
  const table = { name: 't', client: { call } } as unknown as Table;
  const listing = listPeople(table, 'acme', {}, { size: 10, skip: 0, descending: false });
  await expect(listing).rejects.toThrow('the total');
  await sleep(5);
  expect(unhandled).toEqual([]);
});
