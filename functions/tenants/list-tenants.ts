import { endpoint } from '../../shared/http/call.ts';
import { cursorScope, decodeCursor, encodeCursor } from '../../shared/http/cursor.ts';
import { listTenants as route } from '../../shared/routes/tenants.ts';
import { granted } from '../../shared/rules/decision.ts';
import type { Table } from '../../shared/store/table.ts';
import { listTenants } from '../../shared/store/tenants.ts';
import { tenantSummary } from './view.ts';

const DEFAULT_PAGE_SIZE = 50;

export const listTenantsEndpoint = (table: Table) =>
  endpoint(route, async ({ query }) => {
    const scope = cursorScope(route.operationId, query);
    const cursor = decodeCursor(scope, query.Cursor);
    if (!cursor.ok) return cursor;
    const page = await listTenants(table, query.PageSize ?? DEFAULT_PAGE_SIZE, cursor.value);
    const last = page.lastKey === undefined ? undefined : page.items.at(-1)?.tenant;
    return granted({ result: page.items.map(tenantSummary), nextCursor: encodeCursor(scope, last) });
  });
