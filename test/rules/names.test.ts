import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cognitoUserName } from '../../shared/identity/cognito-user.ts';
import { foldName, TENANT_MAX_LENGTH, tenantSlug } from '../../shared/rules/names.ts';
import { anyCharacter } from './arbitraries.ts';

/** Any text, with a good share of the characters whose folding is odd. */
const ODD = [
  ...'ßẞſΣσςİıiIKÅﬁﬄǅŉΐΰᾳᾼჀⴀᏸᏰΩ℃①Ⅷ',
  '\u0345',
  '\u0301',
  '\u0307',
  '\u200D',
  '\uFE0F',
  '\u3164',
  '\u00AD',
  ' ',
  '-',
  '!',
];
const anyText = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...ODD) }),
);

describe('R2 names that look alike fold to one', () => {
  test.each([
    ['case', 'Billing-Bot', 'billing-bot'],
    ['white space around', ' bot\t', 'bot'],
    ['composed and decomposed', 'café', 'café'.normalize('NFD')],
    ['full width', 'ＢＯＴ', 'bot'],
    ['sharp s and SS', 'straße', 'STRASSE'],
    ['capital sharp s and ss', 'STRAẞE', 'strasse'],
    ['capital and small sharp s', 'STRAẞE', 'straße'],
    ['final and other sigma', 'οδυσσεύς', 'οδυσσεύσ'],
    ['Greek capitals', 'ΟΔΥΣΣΕΎΣ', 'οδυσσεύς'],
    ['the Kelvin sign', '\u212Aelvin', 'kelvin'],
    ['the Ångström sign', '\u212Bngstrom', 'ångstrom'],
    ['the Ohm sign', '\u2126', 'ω'],
    ['the fi ligature', 'ﬁnance', 'FINANCE'],
    ['the ffl ligature', 'baﬄe', 'BAFFLE'],
    ['long s', 'buſineſs', 'business'],
    ['a digraph in title case', 'ǅungla', 'ǆungla'],
    ['circled and Roman digits', '①Ⅷ', '1viii'],
    ['Georgian capitals', 'ᲑᲝᲢᲘ', 'ბოტი'],
    ['Cherokee', 'ᏣᎳᎩ', 'ꮳꮃꭹ'],
    ['half-width katakana', 'ﾎﾞｯﾄ', 'ボット'],
    ['a zero-width space', 'b\u200Bot', 'bot'],
    ['a zero-width joiner', 'b\u200Dot', 'bot'],
    ['a soft hyphen', 'b\u00ADot', 'bot'],
    ['a variation selector', 'bot\uFE0F', 'bot'],
    ['a grapheme joiner', 'bo\u034Ft', 'bot'],
    ['a Hangul filler', 'bot\u3164', 'bot'],
    ['an invisible character that kept an accent apart', 'cafe\u034F\u0301', 'café'],
  ])('R2 %s', (_what, one, other) => {
    expect(foldName(one)).toBe(foldName(other));
  });

  test.each([
    ['other letters', 'bot', 'bat'],
    ['accents', 'cafe', 'café'],
    ['separators', 'billing-bot', 'billing_bot'],
    ['inner spaces', 'billing bot', 'billingbot'],
    ['scripts (Cyrillic о, a look-alike that Unicode does not fold)', 'bot', 'b\u043Et'],
  ])('R2 keeps apart: %s', (_what, one, other) => {
    expect(foldName(one)).not.toBe(foldName(other));
  });

  test('R2 Turkish: dotless ı folds with i, dotted İ with i and a combining dot, in every locale', () => {
    expect(foldName('ışık')).toBe(foldName('IŞIK'));
    expect(foldName('ı')).toBe('i');
    expect(foldName('İ')).toBe('i\u0307');
    expect(foldName('İ')).not.toBe(foldName('i'));
  });

  test('R2 folding twice is folding once', () => {
    fc.assert(
      fc.property(anyText, (text) => foldName(foldName(text)) === foldName(text)),
      { numRuns: 3000 },
    );
  });

  test('R2 no letter of Unicode tells its cases or normal forms apart', () => {
    const told: string[] = [];
    for (let point = 0x20; point < 0x1_f000; point += 1) {
      const letter = String.fromCodePoint(point);
      if (!/[\p{L}\p{M}\p{N}]/u.test(letter)) continue;
      const name = `a${letter}b`;
      const folded = foldName(name);
      const forms = [name.toUpperCase(), name.toLowerCase(), name.normalize('NFD'), folded];
      if (forms.some((form) => foldName(form) !== folded)) told.push(letter);
    }
    expect(told).toEqual([]);
  }, 10_000);

  test('R2 a planted fold by toLowerCase alone is caught', () => {
    const naive = (text: string) => text.normalize('NFKC').trim().toLowerCase();
    expect(naive('STRASSE')).not.toBe(naive('straße'));
    const property = fc.property(anyText, (text) => naive(text.toUpperCase()) === naive(text));
    expect(fc.check(property, { numRuns: 2000, seed: 7 }).failed).toBe(true);
  });
});

describe('M16 the sign-in name of a company', () => {
  test.each([
    ['Acme MSP', 'acme-msp'],
    ['ACME  (MSP), Ltd.', 'acme-msp-ltd'],
    ['--Acme--', 'acme'],
    ['Straße & Söhne', 'strasse-söhne'],
    ['株式会社 例', '株式会社-例'],
    ['ООО «Ромашка»', 'ооо-ромашка'],
    ['شركة المثال', 'شركة-المثال'],
    ['हिन्दी सेवा', 'हिन्दी-सेवा'],
    ['ＡＣＭＥ', 'acme'],
    ['3M', '3m'],
    ['a\\b:c/d', 'a-b-c-d'],
    ["O'Neill's", 'o-neill-s'],
  ])('M16 of %j is %s', (company, slug) => {
    expect(tenantSlug(company)).toBe(slug);
  });

  test.each([[''], ['   '], ['---'], ['!?&%'], ['«»—…'], ['🦊🐙'], ['\u200B\uFE0F']])(
    'M16 of %j, where no letter or digit is, is empty',
    (company) => {
      expect(tenantSlug(company)).toBe('');
    },
  );

  test.each([
    ['exactly as long as may be', 'a'.repeat(64), 'a'.repeat(64)],
    ['one longer', 'a'.repeat(65), 'a'.repeat(64)],
    ['cut behind a dash', `${'a'.repeat(63)} b`, 'a'.repeat(63)],
    ['cut between code points, not within one', '𐌰'.repeat(65), '𐌰'.repeat(47)],
  ])('M16 %s', (_what, company, slug) => {
    expect(tenantSlug(company)).toBe(slug);
  });

  const slugIsSound = (slugOf: typeof tenantSlug) =>
    fc.property(fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...ODD), minLength: 60 })), (company) => {
      const slug = slugOf(company);
      return (
        slugOf(slug) === slug &&
        Array.from(slug).length <= TENANT_MAX_LENGTH &&
        /^(?!-)[\p{L}\p{M}\p{N}-]*(?<!-)$/u.test(slug) &&
        !slug.includes('--')
      );
    });

  test('M16 is its own slug, at most 64 code points, letters, digits and single inner dashes', () => {
    fc.assert(slugIsSound(tenantSlug), { numRuns: 3000 });
  });

  test.each<[string, typeof tenantSlug]>([
    [
      'a cut that leaves a dash',
      (company) =>
        foldName(company)
          .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
          .slice(0, 64),
    ],
    [
      'no cut',
      (company) =>
        foldName(company)
          .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
          .replace(/^-|-$/g, ''),
    ],
  ])('M16 a planted slug with %s is caught', (_fault, bad) => {
    expect(fc.check(slugIsSound(bad), { numRuns: 2000, seed: 7 }).failed).toBe(true);
  });

  test('M16 what folds alike has one slug: sign-in needs no look-up', () => {
    fc.assert(
      fc.property(anyText, (company) => {
        expect(tenantSlug(foldName(company))).toBe(tenantSlug(company));
        expect(tenantSlug(company.normalize('NFD'))).toBe(tenantSlug(company));
      }),
    );
  });
});

test('the longest sign-in name fits into a Cognito user name, by whatever length Cognito counts', () => {
  for (const letter of ['a', 'ü', '漢', '𐐨', '𠀀']) {
    const tenant = tenantSlug(letter.repeat(200));
    const user = cognitoUserName({ tenant, employeeId: 2_147_483_647, generation: `a${'0'.repeat(20)}` });
    expect([letter, user.length <= 128, tenant.isWellFormed()]).toEqual([letter, true, true]);
  }
});
