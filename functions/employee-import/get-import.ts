import { endpoint } from '../../shared/http/call.ts';
import { getImport as route } from '../../shared/routes/employee-import.ts';
import { granted, refused } from '../../shared/rules/decision.ts';
import { readImport } from '../../shared/store/imports.ts';
import type { Table } from '../../shared/store/table.ts';
import { importView } from './view.ts';

export const getImportEndpoint = (table: Table) =>
  endpoint(route, async ({ actor, params }) => {
    const found = await readImport(table, actor.tenant, params.importId);
    if (found === undefined) return refused({ reason: 'import_unknown' });
    const { startedOn, modifiedOn } = found;
    return granted({ result: { ...importView(found), startedOn, modifiedOn } });
  });
