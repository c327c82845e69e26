import type { ImportRefusal } from '../refusal.ts';
import type { RefusalReply } from './refusal-reply.ts';

function wrongRows(count: number): string {
  if (count === 0) return 'the file as a whole does not fit';
  return count === 1 ? '1 row is wrong' : `${count} rows are wrong`;
}

/** A reply is no report: the dry run lists all. */
const LISTED_ROWS = 100;

/** Part of the table in refusals.ts. */
export const importRefusals: {
  readonly [R in ImportRefusal['reason']]: (refusal: Extract<ImportRefusal, { reason: R }>) => RefusalReply;
} = {
  import_invalid: ({ problems, badRows }) => ({
    status: 422,
    message: `Nothing was imported by this call: ${wrongRows(badRows.length)}. DryRun=true lists all that is wrong.`,
    subErrors: [
      ...problems,
      ...badRows.slice(0, LISTED_ROWS).map(({ row, problems: wrong }) => `row ${row}: ${wrong.join('; ')}`),
    ],
    oauth: 'invalid_request',
  }),
  import_differs: () => ({
    status: 422,
    message:
      'This ImportId is of another file, or of other options. Resume with the very file, or take a new ImportId.',
    oauth: 'invalid_request',
  }),
  import_stopped: ({ done, rows, problem }) => ({
    status: 409,
    message: `The import stopped after ${done} of ${rows} rows: ${problem}. Those rows are written. Mend the cause and resume, or import the other rows anew.`,
    oauth: 'invalid_request',
  }),
  import_unknown: () => ({
    status: 404,
    message: 'There is no such import in this company; they are kept for 30 days.',
    oauth: 'invalid_request',
  }),
};
