import { beforeAll, describe, expect, it, test } from 'vitest';
import { auditItem } from '../../shared/store/audit.ts';
import { readAudit } from '../../shared/store/audit-log.ts';
import { openTable, toAttributes } from '../../shared/store/table.ts';
import { countThrottled } from '../../shared/store/throttled.ts';
import { aroundCalls } from '../support/aws-calls.ts';
import { useStackEnvironment } from '../support/environment.ts';

const table = openTable(useStackEnvironment().TABLE_NAME);

/** A company's audit as it might stand: a few records in each of the months given. */
async function written(name: string, times: readonly string[]) {
  for (const at of times) {
    const item = auditItem({
      tenant: name,
      at: new Date(at),
      action: 'company.update',
      outcome: 'done',
      actor: { kind: 'system' },
    });
    await table.client.call('PutItem', { TableName: table.name, Item: toAttributes(item) });
  }
}

describe('M17 pages of the audit log', () => {
  const times = [
    '2026-01-31T23:59:59.999Z',
    '2026-02-01T00:00:00.000Z',
    '2026-02-28T12:00:00.000Z',
    '2026-05-01T00:00:00.000Z',
    '2026-05-02T00:00:00.000Z',
  ];
  const name = `audit-${Date.now()}`;
  beforeAll(() => written(name, times));

  const pageOf = (before: string, size: number, matches?: () => boolean, from = '2026-01-01T00:00:00.000Z') =>
    readAudit(table, { tenant: name, employeeId: undefined, from, before, matches, size });

  test.each([1, 2, 3, 5, 9])(
    'of %i cross the months, empty ones too, and leave nothing out',
    async (size) => {
      const seen: string[] = [];
      let before: string | undefined = '2026-05-03T00:00:00.000Z';
      while (before !== undefined) {
        const page: Awaited<ReturnType<typeof readAudit>> = await pageOf(before, size);
        expect(page.entries.length).toBeLessThanOrEqual(size);
        seen.push(...page.entries.map(({ at }) => at));
        before = page.next;
      }
      expect(seen).toEqual(times.toReversed());
    },
  );

  it('read no more than the page, however much there is', async () => {
    const busy = `${name}-busy`;
    await written(
      busy,
      Array.from({ length: 60 }, (_, index) => `2026-04-01T00:00:${String(index).padStart(2, '0')}.000Z`),
    );
    let looked = 0;
    const counting = openTable(table.name);
    aroundCalls(counting.client, async (_, next) => {
      const output = await next();
      looked += (output as { ScannedCount?: number }).ScannedCount ?? 0;
      return output;
    });
    const page = await readAudit(counting, {
      tenant: busy,
      employeeId: undefined,
      from: '2026-01-01T00:00:00.000Z',
      before: '2026-04-02T00:00:00.000Z',
      matches: undefined,
      size: 5,
    });
    expect(page.entries.map(({ at }) => at.slice(17, 19))).toEqual(['59', '58', '57', '56', '55']);
    expect(looked).toBeGreaterThanOrEqual(5);
    expect(looked).toBeLessThanOrEqual(7);
  });

  it('include the beginning and exclude the end', async () => {
    const page = await pageOf('2026-05-01T00:00:00.000Z', 9, undefined, '2026-02-01T00:00:00.000Z');
    expect(page.entries.map(({ at }) => at)).toEqual([
      '2026-02-28T12:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
    ]);
  });

  it('end after bounded work, though nothing fits, and say where to go on', async () => {
    const page = await pageOf('2026-05-03T00:00:00.000Z', 9, () => false, '2019-01-01T00:00:00.000Z');
    expect(page.entries).toEqual([]);
    expect(page.next).toMatch(/^2024-/);
  });

  it('put throttled minutes among the other records', async () => {
    const mixed = `${name}-mixed`;
    await written(mixed, ['2026-03-01T10:00:30.000Z', '2026-03-01T10:02:30.000Z']);
    const attempt = {
      tenant: mixed,
      action: 'token.issue',
      outcome: 'refused',
      reason: 'throttled',
      actor: { kind: 'owner' },
    } as const;
    for (const second of ['01', '02', '59']) {
      await countThrottled(table, { ...attempt, at: new Date(`2026-03-01T10:01:${second}Z`) }, '192.0.2.1');
    }
    const seen: string[] = [];
    let before: string | undefined = '2026-03-02T00:00:00.000Z';
    while (before !== undefined) {
      const page: Awaited<ReturnType<typeof readAudit>> = await readAudit(table, {
        tenant: mixed,
        employeeId: undefined,
        from: '2026-03-01T00:00:00.000Z',
        before,
        matches: undefined,
        size: 1,
      });
      seen.push(...page.entries.map(({ at, count }) => `${at} ${count ?? 1}`));
      before = page.next;
    }
    expect(seen).toEqual([
      '2026-03-01T10:02:30.000Z 1',
      '2026-03-01T10:01:00.000Z 3',
      '2026-03-01T10:00:30.000Z 1',
    ]);
  });
});
