import { sha256 } from '../ids.ts';
import { type Decision, granted, refused } from '../rules/decision.ts';

type CursorRefusal =
  | { readonly reason: 'invalid_fields'; readonly problems: string[] }
  | { readonly reason: 'cursor_unusable' };

/** Where in a list a page is: these may differ from page to page. */
const PAGING: ReadonlySet<string> = new Set(['PageSize', 'PageNumber', 'Cursor']);
const SCOPE_LENGTH = 8;

/** A hash of the list, order and filters that a cursor is made for. */
export function cursorScope(operationId: string, query: object): string {
  const chosen = Object.entries(query).filter(([name]) => !PAGING.has(name));
  return sha256(JSON.stringify([operationId, chosen])).slice(0, SCOPE_LENGTH);
}

/** A cursor is the place where a page ended, and the scope that it belongs to; opaque to clients. */
export function encodeCursor(scope: string, place: string | undefined): string | null {
  return place === undefined ? null : Buffer.from(scope + place, 'utf8').toString('base64url');
}

export function decodeCursor(
  scope: string,
  cursor: string | undefined,
  pageNumber?: number,
): Decision<string | undefined, CursorRefusal> {
  if (cursor === undefined) return granted(undefined);
  if (pageNumber !== undefined) {
    return refused({
      reason: 'invalid_fields',
      problems: ['Cursor and PageNumber cannot be given together'],
    });
  }
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const place = text.slice(SCOPE_LENGTH);
  return place !== '' && encodeCursor(scope, place) === cursor
    ? granted(place)
    : refused({ reason: 'cursor_unusable' });
}
