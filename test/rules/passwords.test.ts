import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  acceptPassword,
  minimumPasswordLength,
  normalisePassword,
  PASSWORD_MAX_LENGTH,
  SECOND_FACTOR_MIN_LENGTH,
  SINGLE_FACTOR_MIN_LENGTH,
} from '../../shared/rules/passwords.ts';
import { anyCharacter } from './arbitraries.ts';

const GOOD = 'juniper-42-kettle-moth';

function accept(password: string, names: readonly string[] = [], minimumLength = SINGLE_FACTOR_MIN_LENGTH) {
  return acceptPassword({ password, minimumLength, names });
}
function reasonFor(...facts: Parameters<typeof accept>) {
  const decision = accept(...facts);
  return decision.ok ? 'accepted' : decision.refusal.reason;
}

/** `length` characters without runs or common words. */
const PATTERN = Array.from('kzvwmqj7xbfyg3ntrh9p');
const mixed = (length: number, alphabet = PATTERN) =>
  Array.from({ length }, (_, index) => alphabet[(index * 7) % alphabet.length]).join('');

describe('S8 the minimum', () => {
  test.each([
    ['API Employee', true, 15],
    ['API Employee', false, 15],
    ['Employee', true, 8],
    ['Employee', false, 15],
    ['External Employee', true, 8],
    ['External Employee', false, 15],
  ] as const)('S8 for an %s, second factor enforced %s, is %i', (type, enforced, minimum) => {
    expect(minimumPasswordLength(type, enforced)).toBe(minimum);
  });
});

describe('S8 length', () => {
  test.each([
    ['one short of the single-factor minimum', mixed(14), 15, 'password_too_short'],
    ['the single-factor minimum', mixed(15), 15, 'accepted'],
    ['one short of the second-factor minimum', mixed(7), 8, 'password_too_short'],
    ['the second-factor minimum', mixed(8), 8, 'accepted'],
    ['the maximum', mixed(128), 15, 'accepted'],
    ['one above the maximum', mixed(129), 15, 'password_too_long'],
    ['nothing', '', 8, 'password_too_short'],
  ])('S8 %s', (_what, password, minimum, answer) => {
    expect(reasonFor(password, [], minimum)).toBe(answer);
  });

  test('S8 a refusal says what is asked and what was given', () => {
    expect(accept(mixed(9))).toEqual({
      ok: false,
      refusal: { reason: 'password_too_short', minimum: 15, length: 9 },
    });
    expect(accept(mixed(200))).toEqual({
      ok: false,
      refusal: { reason: 'password_too_long', maximum: PASSWORD_MAX_LENGTH, length: 200 },
    });
  });

  const gothic = Array.from('𐌰𐌱𐌲𐌳𐌴𐌵𐌶𐌷𐌸𐌹𐌺𐌻𐌼𐌽𐌾𐌿');
  test.each([
    [14, 'password_too_short'],
    [15, 'accepted'],
    [128, 'accepted'],
    [129, 'password_too_long'],
  ])('S8 counts code points, not UTF-16 units: %i Gothic letters', (length, answer) => {
    expect(reasonFor(mixed(length, gothic))).toBe(answer);
  });

  test('S8 counts after NFC: letters typed with combining accents count once', () => {
    const decomposed = 'é'.repeat(128).normalize('NFD');
    expect(decomposed).toHaveLength(256);
    expect(reasonFor(decomposed)).toBe('password_common');
    expect(accept('é'.repeat(14).normalize('NFD'))).toMatchObject({ refusal: { length: 14 } });
  });
});

describe('S8 verbatim', () => {
  test('S8 NFC and NFD of one password are the same password', () => {
    const password = 'Größe-über-Ängström-7';
    expect(accept(password.normalize('NFD'))).toEqual({ ok: true, value: password.normalize('NFC') });
    expect(normalisePassword(password.normalize('NFD'))).toBe(normalisePassword(password.normalize('NFC')));
  });

  test.each([
    ['case', 'JUNIPER-42-Kettle-Moth'],
    ['inner white space', 'juniper  42   kettle moth'],
    ['compatibility characters', 'ｊｕｎｉｐｅｒ-42-ﬁrefly-moth'],
    ['all kinds of symbols', 'juniper<">&\'`;\\%$#{}moth'],
  ])('S8 keeps %s', (_what, password) => {
    expect(accept(password)).toEqual({ ok: true, value: password });
  });

  test('S8 what is accepted is stored as NFC of what was typed, nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }), (password) => {
        const decision = accept(password, [], SECOND_FACTOR_MIN_LENGTH);
        return !decision.ok || decision.value === password.normalize('NFC');
      }),
    );
  });

  test('S8 a password accepted once is accepted again in the form stored', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 140 }), (password) => {
        const first = accept(password);
        if (first.ok) expect(accept(first.value)).toEqual(first);
        else expect(accept(password.normalize('NFD'))).toEqual(first);
      }),
    );
  });

  test('S8 no composition rules: a random password of any one kind of character is accepted', () => {
    const kinds = [
      'kzvwmqjxbfyg',
      'KZVWMQJXBFYG',
      '795130864',
      '!#%)+-/:=?@]_{|~',
      'жщюфыцэъ',
      '水火木金土月山川',
    ];
    const anyOneKind = fc
      .constantFrom(...kinds)
      .chain((kind) =>
        fc.shuffledSubarray([...kind, ...kind, ...kind], { minLength: 15 }).map((picked) => picked.join('')),
      );
    const enough = (text: string) => new Set(text).size >= 8;
    fc.assert(
      fc.property(anyOneKind, (password) => {
        fc.pre(enough(password) && !/(.)\1/u.test(password) && !hasRun(password));
        return accept(password).ok;
      }),
    );
  });
});

function hasRun(text: string): boolean {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  return points.some((point, index) => Math.abs((points[index + 1] ?? Number.NaN) - point) === 1);
}

describe('S8 what cannot be typed or sent again', () => {
  test.each([
    ['a space before', ` ${GOOD}`],
    ['a space after', `${GOOD} `],
    ['a tab before', `\t${GOOD}`],
    ['a line feed after (pasted)', `${GOOD}\n`],
    ['a no-break space after', `${GOOD}\u00A0`],
    ['an ideographic space before', `\u3000${GOOD}`],
    ['a byte order mark before', `\uFEFF${GOOD}`],
  ])('S8 refuses %s', (_what, password) => {
    expect(reasonFor(password)).toBe('password_white_space');
  });

  test.each([
    ['NUL', '\0'],
    ['a tab', '\t'],
    ['a line feed', '\n'],
    ['a carriage return', '\r'],
    ['escape', '\u001B'],
    ['delete', '\u007F'],
    ['next line (C1)', '\u0085'],
    ['a line separator', '\u2028'],
    ['a paragraph separator', '\u2029'],
    ['a lone high surrogate', '\uD800'],
    ['a lone low surrogate', '\uDC00'],
    ['surrogates in the wrong order', '\uDC00\uD800'],
  ])('S8 refuses %s inside', (_what, character) => {
    expect(reasonFor(`juniper-42${character}kettle-moth`)).toBe('password_control_characters');
  });

  test.each([
    ['an emoji of several code points', '👩‍🚀'],
    ['a soft hyphen', '\u00AD'],
    ['a right-to-left mark', '\u200F'],
  ])('S8 accepts %s inside', (_what, character) => {
    expect(reasonFor(`juniper-42${character}kettle-moth`)).toBe('accepted');
  });
});

describe('S8 names', () => {
  test.each([
    ['the user name', 'acme-billing-kettle-42', 'acme-billing'],
    ['in another case', 'ACME-Billing-kettle-42', 'acme-billing'],
    ['in full width', 'ａｃｍｅ-billing-kettle-42', 'acme-billing'],
    ['with invisible characters', 'acme\u200B-billing-kettle-42', 'acme-billing'],
    ['in the middle', 'kettle-42-acme-msp-moth', 'acme-msp'],
    ['at the end', 'juniper-kettle-42Acme', 'Acme'],
    ['in German capitals', 'juniper-STRASSE-42-moth', 'Straße'],
    ['in Greek, whatever the sigma', 'juniper-ΟΔΥΣΣΕΑΣ-42', 'οδυσσεας'],
    ['of four letters of any script', 'juniper-42-株式会社-moth', '株式会社'],
  ])('S8 refuses a password that holds a name: %s', (_what, password, name) => {
    expect(accept(password, ['bot', name])).toEqual({
      ok: false,
      refusal: { reason: 'password_holds_name', name },
    });
  });

  test.each([
    ['a name of three letters', 'robot-42-kettle-juniper', ['bot']],
    ['an empty name', GOOD, ['']],
    ['another name', GOOD, ['acme-billing', 'Acme MSP', 'acme-msp']],
    ['half a name', 'acme-42-kettle-juniper', ['acme-msp']],
  ])('S8 accepts %s', (_what, password, names) => {
    expect(reasonFor(password, names)).toBe('accepted');
  });

  test('S8 is refused whatever stands around the name', () => {
    // ASCII: elsewhere a combining mark behind the name would make another letter of its last.
    const around = fc.string({ unit: 'grapheme-ascii', minLength: 5, maxLength: 30 });
    fc.assert(
      fc.property(around, around, (before, after) => !accept(`${before}wyvern${after}`, ['Wyvern']).ok),
    );
  });
});
