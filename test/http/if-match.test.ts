import { expect, test } from 'vitest';
import { etagOf, parseIfMatch } from '../../shared/http/etag.ts';

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
