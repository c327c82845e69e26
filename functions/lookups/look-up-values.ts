import { endpoint } from '../../shared/http/call.ts';
import { excluded, excludedIds, pageOf } from '../../shared/http/page-of.ts';
import { textNumber } from '../../shared/ids.ts';
import { lookUpDepartments, lookUpJobTitles } from '../../shared/routes/lookups.ts';
import { granted } from '../../shared/rules/decision.ts';
import { nameHolds, sortedByName } from '../../shared/rules/name-order.ts';
import { type NamedValue, namedValues } from '../../shared/rules/stable-ids.ts';
import { heldTexts } from '../../shared/store/people.ts';
import type { Table } from '../../shared/store/table.ts';
import { DEFAULT_PAGE_SIZE } from './people-page.ts';

/** Departments have no state of their own on the wire, so those of active people alone are shown. */
export const lookUpDepartmentsEndpoint = (table: Table) =>
  endpoint(lookUpDepartments, async ({ actor, query }) => {
    const values = valuesIn(await heldTexts(table, actor.tenant.tenant, 'department', [true]), query);
    const page = pageOf(values, query, DEFAULT_PAGE_SIZE);
    const rows = page.result.map(({ id, name }) => ({ id, name }));
    return granted({ ...page, result: excluded(rows, query.Exclude) });
  });

export const lookUpJobTitlesEndpoint = (table: Table) =>
  endpoint(lookUpJobTitles, async ({ actor, query }) => {
    const values = valuesIn(await heldTexts(table, actor.tenant.tenant, 'jobTitle', [true, false]), query);
    const page = pageOf(values, query, DEFAULT_PAGE_SIZE);
    return granted({ ...page, result: excluded(page.result, query.Exclude) });
  });

type ValueQuery = {
  readonly 'Filter.Ids'?: readonly number[] | undefined;
  readonly 'Filter.Name'?: string | undefined;
  readonly Exclude?: readonly string[] | undefined;
};

function valuesIn(held: Parameters<typeof namedValues>[0], query: ValueQuery): NamedValue[] {
  const without = excludedIds(query.Exclude);
  const found = namedValues(held, textNumber).filter(
    ({ id, name }) =>
      (query['Filter.Ids']?.includes(id) ?? true) &&
      !without.includes(id) &&
      nameHolds(name, query['Filter.Name']),
  );
  return sortedByName(found);
}
