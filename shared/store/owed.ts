import type { Update } from './table.ts';

/** The attributes that list a mail among those owed. */
export const OWED_ENTRY = 'subjectPK, subjectSK';

/** The mail was sent, or never will be: it leaves the list. */
export const owedNoMore: Update = {
  expression: `SET #outbox = :done REMOVE ${OWED_ENTRY}`,
  names: { '#outbox': 'outbox' },
  values: { ':done': 'done' },
};
