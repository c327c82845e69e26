import { excluded, excludedIds } from '../../shared/http/page-of.ts';
import { granted } from '../../shared/rules/decision.ts';
import type { ListedPerson } from '../../shared/store/items.ts';
import { listPeople, type PeopleQuery } from '../../shared/store/people.ts';
import type { Table } from '../../shared/store/table.ts';

/** As many as a page may hold: clients that never page get all that one reply can carry. */
export const DEFAULT_PAGE_SIZE = 500;

type ListQuery = {
  readonly PageSize?: number | undefined;
  readonly PageNumber?: number | undefined;
  readonly Sort?: 'ascending' | 'descending' | undefined;
  readonly Exclude?: readonly string[] | undefined;
};

/** One page of a picker of people, each as the picker shows it. */
export async function peoplePage<Row extends { readonly id: number }>(
  table: Table,
  tenant: string,
  query: ListQuery,
  filter: PeopleQuery,
  view: (employee: ListedPerson) => Row,
) {
  const size = query.PageSize ?? DEFAULT_PAGE_SIZE;
  const without = [...(filter.excludedIds ?? []), ...excludedIds(query.Exclude)];
  const page = await listPeople(
    table,
    tenant,
    { ...filter, excludedIds: without },
    { size, skip: ((query.PageNumber ?? 1) - 1) * size, descending: query.Sort === 'descending' },
  );
  return granted({
    result: excluded(page.people.map(view), query.Exclude),
    totalRecords: page.totalRecords,
  });
}
