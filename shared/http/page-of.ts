type PageQuery = {
  readonly PageSize?: number | undefined;
  readonly PageNumber?: number | undefined;
  readonly Sort?: 'ascending' | 'descending' | undefined;
};

/** One page of a list that was read whole, by name; a page past the end is empty (PSA V2). */
export function pageOf<T>(
  rows: readonly T[],
  query: PageQuery,
  defaultSize: number,
): { readonly result: readonly T[]; readonly totalRecords: number } {
  const size = query.PageSize ?? defaultSize;
  const start = ((query.PageNumber ?? 1) - 1) * size;
  const sorted = query.Sort === 'descending' ? rows.toReversed() : rows;
  return { result: sorted.slice(start, start + size), totalRecords: rows.length };
}

/**
 * `Exclude` of the published lists, whose meaning is not published: numbers leave out the records with these
 * ids, words leave out these fields of every record.
 */
export function excluded<T extends { readonly id: number }>(
  rows: readonly T[],
  exclude: readonly string[] = [],
): readonly Partial<T>[] {
  const fields = new Set(exclude.map((word) => word.toLowerCase()));
  return rows.map(
    (row) =>
      Object.fromEntries(
        Object.entries(row).filter(([field]) => !fields.has(field.toLowerCase())),
      ) as Partial<T>,
  );
}

export function excludedIds(exclude: readonly string[] = []): number[] {
  return exclude.filter((word) => /^\d+$/.test(word)).map(Number);
}
