import type { readAudit } from '../../shared/store/audit-log.ts';
import { auditSort } from '../../shared/store/keys.ts';

type AuditPage = Awaited<ReturnType<typeof readAudit>>;

/** Lambda answers at most 6 MB; the rest is for the headers and what stands around the records. */
const MAX_BYTES = 5 * 1024 * 1024;

/**
 * The page as far as one reply holds it, and where the rest begins. A reply's body is a text within JSON, where quotation
 * marks and backslashes are escaped once more: it is counted as such, else notes full of them would keep the log from
 * being read (M17).
 */
export function cutToFit(
  page: AuditPage,
  textOf: (entry: AuditPage['entries'][number]) => string,
): AuditPage {
  let bytes = 0;
  const end = page.entries.findIndex((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(textOf(entry)));
    return bytes > MAX_BYTES;
  });
  const last = page.entries[end - 1];
  return last === undefined
    ? page
    : { entries: page.entries.slice(0, end), next: auditSort(last.at, last.id) };
}
