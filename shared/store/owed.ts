import { type AuditRecord, auditItem } from './audit.ts';
import type { Key } from './keys.ts';
import { type Table, transact } from './table.ts';

/** The attributes that list a mail among those owed. */
export const OWED_ENTRY = 'subjectPK, subjectSK';

/** The mail was sent, or can reach nobody: it is owed no more. If another run was faster, nothing is written. */
export async function settleMail(table: Table, mail: Key, audit: AuditRecord | undefined): Promise<void> {
  await transact<'moved_on'>(table, [
    {
      update: mail,
      set: {
        expression: `SET #outbox = :done REMOVE ${OWED_ENTRY}`,
        names: { '#outbox': 'outbox' },
        values: { ':done': 'done' },
      },
      when: { expression: '#outbox = :owed', values: { ':owed': 'pending' } },
      onConflict: 'moved_on',
    },
    ...(audit ? [{ put: auditItem(audit) }] : []),
  ]);
}
