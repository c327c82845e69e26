import { sha256 } from '../ids.ts';
import { type AuditRecord, auditItem } from './audit.ts';
import { auditSort, throttledKey } from './keys.ts';
import { type Table, toAttributes } from './table.ts';

const MINUTE_MILLISECONDS = 60_000;

/**
 * A throttled attempt, told by a count: one record for each account, network and minute, however many come
 * (user names that do not exist share one). It says of the first attempt who asked; the rest only count up.
 * One update, the same for known and unknown user names (S1).
 */
export async function countThrottled(
  table: Table,
  record: AuditRecord,
  network: string,
  /** ISO 8601. In a company's first minute its own beginning stands for the minute's: no earlier record is its. */
  companyBegan = '',
): Promise<void> {
  const began = Math.floor(record.at.getTime() / MINUTE_MILLISECONDS) * MINUTE_MILLISECONDS;
  const minute = new Date(Math.max(began, Date.parse(companyBegan) || 0));
  const id = sha256([record.action, network, record.employeeId ?? ''].join('\n')).slice(0, 22);
  const { PK: _, SK: __, subjectSK, ...attributes } = auditItem({ ...record, at: minute });
  const first = Object.entries({
    ...attributes,
    id,
    ...(subjectSK === undefined ? {} : { subjectSK: auditSort(minute.toISOString(), id) }),
  }).filter(([, value]) => value !== undefined);
  await table.client.call('UpdateItem', {
    TableName: table.name,
    Key: toAttributes(throttledKey(record.tenant, minute, id)),
    UpdateExpression: `SET ${first
      .map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`)
      .join(', ')} ADD #count :one`,
    ExpressionAttributeNames: {
      '#count': 'count',
      ...Object.fromEntries(first.map(([name]) => [`#${name}`, name])),
    },
    ExpressionAttributeValues: toAttributes({
      ':one': 1,
      ...Object.fromEntries(first.map(([name, value]) => [`:${name}`, value])),
    }),
  });
}
