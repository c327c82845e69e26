import { decodeCursor, encodeCursor } from '../../shared/http/cursor.ts';
import { type Decision, granted, refused } from '../../shared/rules/decision.ts';
import type { Place } from '../../shared/store/employee-list.ts';
import type { MemorySort } from '../../shared/store/employee-sort.ts';

/** A cursor names its order: in another one, or turned round, it would leave rows out. */
const nameOf = ({ field, descending }: MemorySort) => `${descending ? '-' : ''}${field}`;

export function writePlace(place: Place | undefined, order: MemorySort): string | null {
  return encodeCursor(place && JSON.stringify([nameOf(order), place.value, place.id]));
}

export function readPlace(
  cursor: string | undefined,
  pageNumber: number | undefined,
  order: MemorySort,
): Decision<Place | undefined, { reason: 'invalid_fields'; problems: string[] }> {
  const text = decodeCursor(cursor, pageNumber);
  if (!text.ok || text.value === undefined) return text.ok ? granted(undefined) : text;
  const place = placeIn(text.value, order);
  return place === undefined
    ? refused({ reason: 'invalid_fields', problems: ['Cursor is not a cursor of this list'] })
    : granted(place);
}

function placeIn(text: string, order: MemorySort): Place | undefined {
  if (!text.startsWith('["')) return undefined;
  try {
    const [name, value, id] = JSON.parse(text) as unknown[];
    const known = name === nameOf(order) && (value === null || typeof value === 'string');
    return known && typeof id === 'number' ? { value, id } : undefined;
  } catch {
    return undefined;
  }
}
