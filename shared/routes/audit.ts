import * as v from 'valibot';
import { AUDIT_ACTION_GROUPS, AUDIT_ACTIONS } from '../rules/audit-actions.ts';
import { id, idParams, integerText, line, page, time } from './fields.ts';
import { defineRoute } from './route.ts';

const right = { module: 'audit', action: 'view' } as const;

const OUTCOMES = ['done', 'refused', 'failed'] as const;

/** An instant of ISO 8601, or a day in UTC: `begin` is its midnight, `end` the next one. */
const instant = (ofDay: 'begin' | 'end') =>
  v.pipe(
    v.string('must be given once'),
    v.check(isTimeOrDay, 'must be a time such as 2026-11-24T08:00:00Z, or a day such as 2026-11-24'),
    v.transform((text) => {
      const wholeDay = ofDay === 'end' && text.length === DAY_LENGTH;
      const instant = Date.parse(text) + (wholeDay ? DAY_MILLISECONDS : 0);
      return new Date(Math.min(instant, LAST_INSTANT)).toISOString();
    }),
  );

const DAY_LENGTH = '2026-11-24'.length;
const DAY_MILLISECONDS = 86_400_000;
/** Years of five digits begin with a sign, and would be sorted before all others. */
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

/** `Date.parse` alone takes 30 February for 2 March. */
function isTimeOrDay(text: string): boolean {
  const form = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.exec(text);
  const midnight = Date.parse(form?.[1] ?? '');
  return (
    !Number.isNaN(midnight) &&
    new Date(midnight).toISOString().startsWith(form?.[1] ?? '') &&
    !Number.isNaN(Date.parse(text))
  );
}

const filters = {
  /** Inclusive. */
  From: v.optional(instant('begin')),
  /** Exclusive; of a day, its end. */
  To: v.optional(instant('end')),
  'Filter.Actor': v.optional(
    v.pipe(
      line(16),
      v.check(
        (text) => /^(operator|owner|system|employee|[1-9]\d{0,9})$/.test(text),
        'must be an employee id, or one of employee, operator, owner, system',
      ),
    ),
  ),
  'Filter.Action': v.optional(
    v.pipe(
      line(64),
      v.transform((text) => text.toLowerCase()),
      v.check(
        (text) => AUDIT_ACTION_GROUPS.includes(text) || AUDIT_ACTIONS.some((action) => action === text),
        `must be an action, such as employee.create, or what some begin with: ${AUDIT_ACTION_GROUPS.join(', ')}`,
      ),
    ),
  ),
  'Filter.Outcome': v.optional(v.picklist(OUTCOMES, `must be one of ${OUTCOMES.join(', ')}`)),
  'Filter.CorrelationId': v.optional(
    v.pipe(
      line(128),
      // API Gateway's ids hold `+`, never a space; pasted into an address, a plus arrives as one.
      v.transform((text) => text.replaceAll(' ', '+')),
    ),
  ),
};
const SUBJECTS = ['employee', 'role', 'company', 'tenant', 'import'] as const;

/** `role:5`: the kind and the id, as a record's `subject` has them; `employee:17` is `Filter.EmployeeId=17`. */
const subject = v.pipe(
  line(96),
  v.check(
    (text) => parseSubject(text) !== undefined,
    `must be a kind and an id, such as role:5; kinds are ${SUBJECTS.join(', ')}`,
  ),
  v.transform((text) => parseSubject(text) ?? { kind: 'employee' as const, id: '' }),
);

function parseSubject(text: string): { kind: (typeof SUBJECTS)[number]; id: string } | undefined {
  const [, wanted = '', id = ''] = /^(\w+):(\S+)$/.exec(text) ?? [];
  const kind = SUBJECTS.find((known) => known === wanted.toLowerCase());
  return kind === undefined || (kind === 'employee' && !/^[1-9]\d{0,9}$/.test(id)) ? undefined : { kind, id };
}

const about = {
  'Filter.EmployeeId': v.optional(integerText(1, 2_147_483_647)),
  'Filter.Subject': v.optional(subject),
};
const cursorPage = { PageSize: page.PageSize, Cursor: page.Cursor };

const auditEntry = v.object({
  id: v.string(),
  at: time,
  action: v.string(),
  outcome: v.picklist(OUTCOMES),
  /** Why it was refused or failed. */
  reason: v.nullable(v.string()),
  /** `employee`, `operator`, `owner` (the holder of a password or a mailed link) or `system`. */
  actor: v.object({ kind: v.string(), id: v.nullable(id), userType: v.nullable(v.string()) }),
  /** The employee that it is about. */
  employeeId: v.nullable(id),
  subject: v.nullable(v.object({ kind: v.string(), id: v.string() })),
  sourceAddress: v.nullable(v.string()),
  userAgent: v.nullable(v.string()),
  correlationId: v.nullable(v.string()),
  /** More than 1 on the one record of a minute in which attempts were throttled. */
  count: v.number(),
  changes: v.record(v.string(), v.object({ before: v.unknown(), after: v.unknown() })),
  details: v.record(v.string(), v.unknown()),
});

export const listAudit = defineRoute({
  method: 'GET',
  path: '/v2/admin/security/auditlog',
  operationId: 'listAudit',
  summary:
    'Audit log, newest first, by time, actor, subject (Filter.Subject=role:5), action and outcome: a page may be short; go on while nextCursor is not null',
  auth: 'bearer',
  right,
  style: 'v2',
  query: v.strictObject({ ...filters, ...about, ...cursorPage }),
  reply: v.array(auditEntry),
  refusals: ['invalid_fields', 'cursor_unusable'],
});

export const listEmployeeAudit = defineRoute({
  method: 'GET',
  path: '/v2/hr/employees/{id}/auditlog',
  operationId: 'listEmployeeAudit',
  summary: 'What the audit log says of one employee, newest first',
  auth: 'bearer',
  right,
  style: 'v2',
  params: idParams,
  query: v.strictObject({ ...filters, ...cursorPage }),
  reply: v.array(auditEntry),
  refusals: ['employee_unknown', 'invalid_fields', 'cursor_unusable'],
});

const EXPORT_FORMATS = ['csv', 'jsonl'] as const;

export const exportAudit = defineRoute({
  method: 'GET',
  path: '/v2/admin/security/auditlog/export',
  operationId: 'exportAudit',
  summary:
    'The audit log as CSV or JSON Lines, of at most 92 days, by the same filters, Filter.Subject=role:5 among them; the header X-Next-Cursor leads on',
  auth: 'bearer',
  right,
  style: 'v2',
  query: v.strictObject({
    ...filters,
    ...about,
    From: v.pipe(instant('begin'), v.description('At most 92 days before To')),
    Format: v.picklist(EXPORT_FORMATS, `must be one of ${EXPORT_FORMATS.join(', ')}`),
    PageSize: v.optional(integerText(1, 5000)),
    Cursor: page.Cursor,
  }),
  reply: v.string(),
  download: ['text/csv', 'application/jsonl'],
  refusals: ['invalid_fields', 'cursor_unusable'],
});

export const auditRoutes = [listAudit, listEmployeeAudit, exportAudit];
