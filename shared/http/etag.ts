import { type Decision, granted, refused } from '../rules/decision.ts';

/** A strong entity tag (RFC 9110 8.8.3) of a record's version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Whether the record may be changed in the version that stands. */
export type Precondition = (version: number) => boolean;

/** Without If-Match a change that came between makes no difference: the record is read again, and judged afresh. */
const ROUNDS = 4;

/** Makes a change that reads, checks `expected`, decides and writes; once more where its write met another. */
export async function whileExpected<O extends Decision<unknown, { readonly reason: string }>>(
  headers: Readonly<Record<string, string | undefined>>,
  once: (expected: Precondition) => Promise<O>,
): Promise<O | Decision<never, MalformedIfMatch>> {
  const expected = parseIfMatch(headers['if-match']);
  if (!expected.ok) return expected;
  let outcome = await once(expected.value);
  for (let round = 1; round < ROUNDS; round += 1) {
    if (outcome.ok || outcome.refusal.reason !== 'changed_meanwhile') break;
    outcome = await once(expected.value);
  }
  return outcome;
}

type MalformedIfMatch = { readonly reason: 'invalid_fields'; readonly problems: string[] };

const ENTITY_TAG = String.raw`(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"`;
const ENTITY_TAGS = new RegExp(String.raw`^${ENTITY_TAG}(?:[ \t]*,[ \t]*${ENTITY_TAG})*$`);

/**
 * If-Match (RFC 9110 13.1.1): `*`, or entity tags of which one must be the record's. A weak one never is: the
 * comparison is strong. Without the header every version will do.
 */
export function parseIfMatch(header: string | undefined): Decision<Precondition, MalformedIfMatch> {
  if (header === undefined || header.trim() === '*') return granted(() => true);
  const text = header.trim();
  if (!ENTITY_TAGS.test(text)) {
    return refused({
      reason: 'invalid_fields',
      problems: ['If-Match must be an ETag as a reply gave it, in its quotation marks, or *'],
    });
  }
  const tags: readonly string[] = text.match(new RegExp(ENTITY_TAG, 'g')) ?? [];
  return granted((version) => tags.includes(etagOf(version)));
}
