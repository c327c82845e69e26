import { expect, test } from 'vitest';
import { etagOf, type Precondition, parseIfMatch, whileExpected } from '../../shared/http/etag.ts';
import { granted, refused } from '../../shared/rules/decision.ts';

test.each<[string | undefined, boolean]>([
  [undefined, true],
  ['*', true],
  ['"7"', true],
  [' "7" ', true],
  ['"6", "7"', true],
  ['"6" ,"7"', true],
  ['"6"', false],
  ['W/"7"', false],
  ['"77"', false],
  ['""', false],
])('If-Match %s of version 7: %s', (header, expected) => {
  const parsed = parseIfMatch(header);
  expect(parsed.ok && parsed.value(7)).toBe(expected);
});

test.each(['', '7', '"7', '7"', '"7" "8"', '"7",', 'w/"7"', '*, "7"', '"a\nb"'])(
  '%j is malformed',
  (header) => {
    expect(parseIfMatch(header)).toMatchObject({ ok: false, refusal: { reason: 'invalid_fields' } });
  },
);

test('an ETag is a strong entity tag', () => {
  expect(etagOf(12)).toBe('"12"');
});

/** A record that others raise to the next version in each of the first rounds, just before the write. */
function contended(rounds: number) {
  let version = 7;
  return async (expected: Precondition) => {
    const seen = version;
    if (!expected(seen)) return refused({ reason: 'stale' });
    if (version < 7 + rounds) version += 1;
    return seen === version ? granted(seen) : refused({ reason: 'changed_meanwhile' });
  };
}

test.each<[string, number, string | undefined, unknown]>([
  ['is made at once where nobody comes between', 0, '"7"', { value: 7 }],
  ['is made again without If-Match', 2, undefined, { value: 9 }],
  ['is made again with *', 2, '*', { value: 9 }],
  ['is stale once another came between', 1, '"7"', { refusal: { reason: 'stale' } }],
  ['is given up after four rounds', 4, undefined, { refusal: { reason: 'changed_meanwhile' } }],
  ['is refused with a malformed If-Match', 0, '7', { refusal: { reason: 'invalid_fields' } }],
])('a change %s', async (_what, rounds, header, outcome) => {
  expect(await whileExpected({ 'if-match': header }, contended(rounds))).toMatchObject(outcome as object);
});
