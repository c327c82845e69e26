import { type Decision, granted, refused } from '../rules/decision.ts';

/** A cursor is the sort key of the last item of a page, opaque to clients. */
export function encodeCursor(sortKey: string | undefined): string | null {
  return sortKey === undefined ? null : Buffer.from(sortKey, 'utf8').toString('base64url');
}

export function decodeCursor(
  cursor: string | undefined,
  pageNumber?: number,
): Decision<string | undefined, { reason: 'invalid_fields'; problems: string[] }> {
  if (cursor === undefined) return granted(undefined);
  if (pageNumber !== undefined) {
    return refused({
      reason: 'invalid_fields',
      problems: ['Cursor and PageNumber cannot be given together'],
    });
  }
  const sortKey = Buffer.from(cursor, 'base64url').toString('utf8');
  return sortKey !== '' && encodeCursor(sortKey) === cursor
    ? granted(sortKey)
    : refused({ reason: 'invalid_fields', problems: ['Cursor is not a cursor of this list'] });
}
