import * as v from 'valibot';
import { flagText, time } from './fields.ts';
import { defineRoute } from './route.ts';

/** Rows of one file. With 400 bytes a row they fit the limit of the body. */
export const IMPORT_MAX_ROWS = 5000;
const IMPORT_LIMIT_BYTES = 2 * 1024 * 1024;

const importId = v.pipe(
  v.string('must be given once'),
  v.regex(/^[\w-]{8,64}$/, 'must be 8 to 64 letters, digits, _ or -'),
  v.description('Names the import, so that it can be resumed; best chosen by the caller'),
);

const progress = {
  importId: v.string(),
  state: v.picklist(['unfinished', 'finished']),
  rows: v.number(),
  /** Rows written; they are written in the order of the file. */
  done: v.number(),
};

export const importEmployees = defineRoute({
  method: 'POST',
  path: '/v2/hr/employees/import',
  operationId: 'importEmployees',
  summary:
    'Import employees from CSV (up to 5,000 rows). DryRun reports every bad row. A run is not atomic as a whole: ' +
    'rows are written in order, as many as fit in a call; repeat it with its ImportId until it is finished',
  auth: 'bearer',
  right: { module: 'hr', action: 'modify' },
  style: 'v2',
  query: v.strictObject({
    DryRun: v.optional(flagText),
    SendInstructions: v.optional(flagText),
    ImportId: v.optional(importId),
  }),
  body: {
    encodings: ['csv'],
    limitBytes: IMPORT_LIMIT_BYTES,
    schema: v.strictObject({ csv: v.string() }),
  },
  reply: v.union([
    v.object(progress),
    v.object({
      state: v.literal('checked'),
      rows: v.number(),
      valid: v.boolean(),
      licencesNeeded: v.number(),
      /** About the file as a whole. */
      problems: v.array(v.string()),
      /** `row` counts as a spreadsheet does: the header is row 1. */
      badRows: v.array(v.object({ row: v.number(), problems: v.array(v.string()) })),
    }),
  ]),
  refusals: [
    'import_invalid',
    'import_differs',
    'import_stopped',
    'changed_meanwhile',
    'invalid_fields',
    'malformed_body',
  ],
});

export const getImport = defineRoute({
  method: 'GET',
  path: '/v2/hr/employees/import/{importId}',
  operationId: 'getImport',
  summary: 'How far an import is',
  auth: 'bearer',
  right: { module: 'hr', action: 'view' },
  style: 'v2',
  params: v.strictObject({ importId }),
  reply: v.object({ ...progress, startedOn: time, modifiedOn: time }),
  refusals: ['import_unknown'],
});

export const employeeImportRoutes = [importEmployees, getImport];
