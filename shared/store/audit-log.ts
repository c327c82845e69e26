import * as v from 'valibot';
import { AUDIT_RETENTION_DAYS } from './audit.ts';
import { commonFields, type TenantItem } from './items.ts';
import {
  auditPartition,
  auditSort,
  auditSubjectPartition,
  BY_SUBJECT_INDEX,
  throttledPartition,
} from './keys.ts';
import { queryPage, type Table } from './table.ts';

/** One audit record as it is read: actions and reasons of former versions stay readable. */
export const auditEntryItem = v.object({
  ...commonFields,
  type: v.literal('audit'),
  id: v.string(),
  at: v.string(),
  action: v.string(),
  outcome: v.picklist(['done', 'refused', 'failed']),
  reason: v.optional(v.string()),
  actor: v.object({
    kind: v.string(),
    id: v.optional(v.number()),
    userType: v.optional(v.string()),
  }),
  origin: v.optional(
    v.object({ sourceAddress: v.string(), userAgent: v.string(), correlationId: v.string() }),
  ),
  employeeId: v.optional(v.number()),
  subject: v.optional(v.object({ kind: v.string(), id: v.string() })),
  changes: v.optional(
    v.record(v.string(), v.object({ before: v.optional(v.unknown()), after: v.optional(v.unknown()) })),
  ),
  details: v.optional(v.record(v.string(), v.unknown())),
  /** How many attempts one record of a throttled minute stands for. */
  count: v.optional(v.number()),
});
export type AuditEntry = v.InferOutput<typeof auditEntryItem>;

/** What of a company's audit is asked for. Times are ISO 8601 in UTC with milliseconds. */
export type AuditRequest = {
  readonly tenant: string;
  readonly employeeId: number | undefined;
  /** Inclusive. */
  readonly from: string;
  /** Exclusive: a time, or the place where the page before ended. */
  readonly before: string;
  /** Undefined when every record fits. */
  readonly matches: ((entry: AuditEntry) => boolean) | undefined;
  readonly size: number;
};

type AuditPage = {
  readonly entries: readonly AuditEntry[];
  /** Where the rest begins. A page may be short, even empty, and still have one: see `readAudit`. */
  readonly next: string | undefined;
};

/** Rows that one call looks at, however little fits the filter; then the caller goes on by its cursor. */
const MAX_ROWS = 10_000;
const MAX_ROUNDS = 24;
/** Rows asked of a partition at a time while a filter makes it walk. */
const WALK_ROWS = 500;
const DAY_MILLISECONDS = 86_400_000;

/**
 * The earliest that a company may read: neither beyond retention, nor what an earlier company of the same
 * sign-in name left behind (M16).
 */
export function auditBegin(tenant: Pick<TenantItem, 'createdOn'>, now: Date): string {
  const kept = new Date(now.getTime() - AUDIT_RETENTION_DAYS * DAY_MILLISECONDS).toISOString();
  return tenant.createdOn > kept ? tenant.createdOn : kept;
}

/**
 * Newest first, month by month. The work of one call is bounded; where it ends before the page is full or the
 * time asked for is walked through, `next` says where to go on.
 */
export async function readAudit(table: Table, request: AuditRequest): Promise<AuditPage> {
  const { from, matches, size } = request;
  const entries: AuditEntry[] = [];
  let before = request.before;
  let rows = 0;
  for (let round = 0; before > from && round < MAX_ROUNDS && rows < MAX_ROWS; round += 1) {
    const slice = await readSlice(table, request, before, matches ? WALK_ROWS : size - entries.length + 1);
    rows += slice.entries.length;
    for (const entry of slice.entries) {
      if (matches && !matches(entry)) continue;
      const last = entries.at(-1);
      if (last && entries.length === size) return { entries, next: sortOf(last) };
      entries.push(entry);
    }
    before = slice.floor;
  }
  return { entries, next: before > from ? before : undefined };
}

/** All records from `floor` on and before `before`; nothing between the two is left out. */
async function readSlice(table: Table, request: AuditRequest, before: string, limit: number) {
  const { from, sources } = sourcesOf(request, before);
  const pages = await Promise.all(
    sources.map(({ partition, index }) =>
      queryPage(table, auditEntryItem, {
        ...(index
          ? {
              IndexName: BY_SUBJECT_INDEX,
              KeyConditionExpression: 'subjectPK = :of AND subjectSK BETWEEN :from AND :to',
            }
          : { ConsistentRead: true, KeyConditionExpression: 'PK = :of AND SK BETWEEN :from AND :to' }),
        ExpressionAttributeValues: { ':of': { S: partition }, ':from': { S: from }, ':to': { S: before } },
        ScanIndexForward: false,
        // One more, since the record at `before` itself is read again and left out.
        Limit: limit + 1,
      }),
    ),
  );
  // Of a partition with more to read nothing is known below the last row that came.
  const floors = pages.flatMap(({ items, lastKey }) => {
    const last = items.at(-1);
    return lastKey !== undefined && last ? [sortOf(last)] : [];
  });
  const floor = floors.reduce((highest, sort) => (sort > highest ? sort : highest), from);
  const entries = pages
    .flatMap(({ items }) => items)
    .filter((entry) => sortOf(entry) < before && sortOf(entry) >= floor)
    .sort((a, b) => (sortOf(a) < sortOf(b) ? 1 : -1));
  return { entries, floor };
}

/** An employee's records stand together in the index; a company's in a partition for each month. */
function sourcesOf({ tenant, employeeId, from }: AuditRequest, before: string) {
  if (employeeId !== undefined) {
    return { from, sources: [{ partition: auditSubjectPartition(tenant, employeeId), index: true }] };
  }
  const month = monthBefore(before);
  const begin = `${month}-01T00:00:00.000Z`;
  return {
    from: from > begin ? from : begin,
    sources: [auditPartition(tenant, month), throttledPartition(tenant, month)].map((partition) => ({
      partition,
      index: false,
    })),
  };
}

/** The month of what lies just before a time or a record. */
function monthBefore(before: string): string {
  return before.includes('#')
    ? before.slice(0, 7)
    : new Date(Date.parse(before) - 1).toISOString().slice(0, 7);
}

function sortOf(entry: AuditEntry): string {
  return auditSort(entry.at, entry.id);
}

/** A place where a page may end, and nothing else: `Date.parse` alone takes 30 February for 2 March. */
export function isAuditPlace(text: string): boolean {
  const [, time = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)(?:#[\w-]{22})?$/.exec(text) ?? [];
  const parsed = Date.parse(time);
  return !Number.isNaN(parsed) && new Date(parsed).toISOString() === time;
}
