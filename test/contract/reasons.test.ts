import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { responsesOf } from '../../infra/openapi/replies.ts';
import { documentSource, sampleRefusal } from '../../infra/openapi/source.ts';
import { refusalReplies } from '../../shared/http/refusals.ts';
import { faultReply, refusalReply } from '../../shared/http/reply.ts';
import type { Reason } from '../../shared/refusal.ts';
import { type Route, takesIdempotencyKey } from '../../shared/routes/route.ts';
import { routes } from '../support/contract.ts';

/** The one table of docs/api.md. */
type Row = {
  readonly reason: string;
  readonly status: string;
  readonly where: string;
  readonly toDo: string;
};

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
const rows: readonly Row[] = (page.split('\n### All reasons\n')[1]?.split('\n## ')[0] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [reason = '', status = '', where = '', toDo = ''] = line.slice(2, -2).split(' | ');
    return { reason: reason.replaceAll('`', ''), status, where, toDo };
  });

/** What no entry of the route table lists: any route may fail, and an unknown address has no route. */
const UNROUTED: Readonly<Record<string, readonly Route['style'][]>> = {
  fault: ['v2', 'oauth'],
  route_unknown: ['v2', 'oauth'],
  method_unknown: ['v2', 'oauth'],
  page_unknown: ['page'],
};

const { statusOf } = documentSource();

/** As the OpenAPI document has it. */
const mayAnswer = (route: Route, reason: string) =>
  Object.values(responsesOf(route, statusOf)).some(({ description }) =>
    String(description).startsWith('Refused: ') ? String(description).includes(`\`${reason}\``) : false,
  );
const answering = (reason: string) => routes.filter((route) => mayAnswer(route, reason));

const under = (prefix: string) => (route: Route) => route.style !== 'page' && route.path.startsWith(prefix);
const isToken = ({ path }: Route) =>
  /^\/(oauth2\/|api\/token|v2\/security\/(authenticate|refresh))/.test(path);
const isAudit = ({ path }: Route) => path.includes('/auditlog');
const isImport = under('/v2/hr/employees/import');
const isPicker = ({ path }: Route) => /\/(lookup|searchselect)$|\/v2\/hr\/assignees/.test(path);

/** The words of the column "where", as sets of routes. */
const PLACES: Readonly<Record<string, (route: Route) => boolean>> = {
  'any call': () => true,
  'calls with a token': (route) => mayAnswer(route, 'token_missing'),
  'calls with a body': ({ body }) => body !== undefined,
  'calls without a body': ({ body }) => body === undefined,
  'Idempotency-Key': takesIdempotencyKey,
  'If-Match': ({ conditional }) => conditional === true,
  tokens: isToken,
  employees: (route) =>
    under('/v2/hr/employees')(route) && !isImport(route) && !isPicker(route) && !isAudit(route),
  import: isImport,
  pickers: isPicker,
  roles: (route) => under('/v2/admin/security/roles')(route) && !isPicker(route),
  company: under('/v2/admin/mycompany'),
  audit: isAudit,
  tenants: under('/v2/platform/tenants'),
  screens: ({ style }) => style === 'page',
};

const toldBy = (reason: string, style: Route['style']) => {
  const reply =
    reason === 'fault'
      ? faultReply({ style }, 'c')
      : refusalReply({ style, auth: 'public' }, sampleRefusal(reason as Reason), 'c');
  if (style !== 'oauth') return String(reply.statusCode);
  return `OAuth ${reply.statusCode} ${(JSON.parse(reply.body ?? '') as { error: string }).error}`;
};

describe('the table of reasons in docs/api.md', () => {
  it('has every reason that the code can give, once, and no other', () => {
    expect(rows.map(({ reason }) => reason).sort()).toEqual([...Object.keys(refusalReplies), 'fault'].sort());
  });

  test.each(rows.map((row) => [row.reason, row] as const))(
    'tells of %s what the code does',
    (reason, row) => {
      const found = answering(reason);
      const styles = UNROUTED[reason] ?? found.map(({ style }) => style);
      const told = new Set(styles.map((style) => toldBy(reason, style)));
      expect(row.status.split('; ').sort()).toEqual([...told].sort());
      expect(row.toDo.length).toBeGreaterThan(6);

      if (UNROUTED[reason]) return;
      const places = row.where.split(', ').map((word) => {
        const place = PLACES[word];
        if (place === undefined) throw new Error(`${reason}: "${word}" is no place`);
        return place;
      });
      const elsewhere = found.filter((route) => !places.some((place) => place(route)));
      expect(elsewhere.map(({ operationId }) => operationId)).toEqual([]);
      for (const place of places) expect(found.some(place)).toBe(true);
    },
  );
});
