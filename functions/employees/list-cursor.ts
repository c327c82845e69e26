import { cursorScope, decodeCursor, encodeCursor } from '../../shared/http/cursor.ts';
import { listEmployees as route } from '../../shared/routes/employees.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import type { Place } from '../../shared/store/employee-list.ts';
import type { MemorySort } from '../../shared/store/employee-sort.ts';

type ListQuery = { readonly Cursor?: string | undefined; readonly PageNumber?: number | undefined };

/** The order by its meaning: `Name`, `name asc` and none at all are one. */
const scopeOf = (query: ListQuery, order: MemorySort) =>
  cursorScope(route.operationId, { ...query, Sort: order });

export function writePlace(query: ListQuery, place: Place | undefined, order: MemorySort): string | null {
  return encodeCursor(scopeOf(query, order), place && JSON.stringify([place.value, place.id]));
}

export function readPlace(
  query: ListQuery,
  order: MemorySort,
): Decision<
  Place | undefined,
  { reason: 'invalid_fields'; problems: string[] } | { reason: 'cursor_unusable' }
> {
  const text = decodeCursor(scopeOf(query, order), query.Cursor, query.PageNumber);
  if (!text.ok || text.value === undefined) return text.ok ? granted(undefined) : text;
  const place = placeIn(text.value);
  return place === undefined ? refused({ reason: 'cursor_unusable' }) : granted(place);
}

function placeIn(text: string): Place | undefined {
  try {
    const [value, id] = JSON.parse(text) as unknown[];
    // JSON can spell lone surrogates, which DynamoDB cannot read.
    const known = value === null || (typeof value === 'string' && value.isWellFormed());
    return known && typeof id === 'number' ? { value, id } : undefined;
  } catch {
    return undefined;
  }
}
