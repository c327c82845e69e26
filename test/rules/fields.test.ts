import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  emailAddress,
  flagText,
  id,
  integerText,
  line,
  notes,
  rights,
  roleIds,
  timeZone,
  userName,
  userType,
} from '../../shared/routes/fields.ts';

function read(schema: v.GenericSchema, input: unknown): unknown {
  const result = v.safeParse(schema, input);
  return result.success ? result.output : result.issues.map((issue) => issue.message);
}
function accepts(schema: v.GenericSchema, input: unknown): boolean {
  return v.safeParse(schema, input).success;
}

/** `length` characters ending in `end`. */
const padded = (length: number, end: string) => 'a'.repeat(length - end.length) + end;

describe('M5 an e-mail address', () => {
  test.each([
    'bot@acme.example',
    'billing.bot+psa@mail.acme.example',
    "o'neill@acme.example",
    'a@b.co',
    '_-!#$%&*/=?^`{|}~@acme.example',
    'bot@xn--bcher-kva.example',
    'bot@bücher.example',
    'bot@例え.テスト',
    'bot@a-b.example',
    'BOT@ACME.EXAMPLE',
    `${'a'.repeat(64)}@acme.example`,
    `a@${'b.'.repeat(122)}example`,
  ])('M5 accepts %s', (address) => {
    expect(read(emailAddress, address)).toBe(address);
  });

  test('M5 takes white space off both ends: it was pasted', () => {
    expect(read(emailAddress, ' bot@acme.example\n')).toBe('bot@acme.example');
  });

  test.each([
    [''],
    ['bot'],
    ['bot@'],
    ['@acme.example'],
    ['bot@localhost'],
    ['bot@@acme.example'],
    ['a@b@acme.example'],
    ['bot@acme..example'],
    ['bot@.acme.example'],
    ['bot@acme.example.'],
    ['bot@-acme.example'],
    ['bot@acme-.example'],
    ['bot@ac_me.example'],
    ['.bot@acme.example'],
    ['bot.@acme.example'],
    ['b..ot@acme.example'],
    ['bo t@acme.example'],
    ['bot@ac me.example'],
    ['"bo t"@acme.example'],
    ['Bot <bot@acme.example>'],
    ['bot@acme.example, eve@evil.example'],
    ['bot@acme.example;eve@evil.example'],
    ['bot@acme.example\r\nBcc: eve@evil.example'],
    ['bot\u0000@acme.example'],
    ['bot@[127.0.0.1]'],
    ['bot(comment)@acme.example'],
    ['bot\\@acme.example'],
    ['bot:x@acme.example'],
    ['böt@acme.example'],
    ['bot\u202E@acme.example'],
    ['bot\u200B@acme.example'],
    ['bot\uD800@acme.example'],
    [`${'a'.repeat(65)}@acme.example`],
    ['bot@xn--iñvalid.example'],
    ['bot@٠a.example'],
    ['bot@a.１'],
    ['bot@1.2.3.４'],
    ['bot@℀cme.example'],
    [`bot@${'ü'.repeat(63)}.example`],
    [`bot@${`${'ü'.repeat(29)}.`.repeat(7)}example`],
    [`a@${'b.'.repeat(123)}example`],
    [null],
    [42],
    [['bot@acme.example']],
  ])('M5 refuses %j', (address) => {
    expect(accepts(emailAddress, address)).toBe(false);
  });

  test.each(['y', 'a@', '@', '@acme.example', 'ö'])('says one thing of %j', (text) => {
    expect(read(emailAddress, text)).toHaveLength(1);
  });
});

describe('M1 a user name', () => {
  test.each([
    'bot',
    'billing-bot',
    'bot@acme.example',
    "o'neill",
    'a.b_c+d',
    '42',
    'größe',
    'бот',
    'ボット',
    'बॉट',
    'بوت',
  ])('M1 accepts %s', (name) => {
    expect(read(userName, name)).toBe(name);
  });

  test.each([
    ['nothing', ''],
    ['white space only', '   '],
    ['an inner space', 'billing bot'],
    ['a no-break space', 'billing\u00A0bot'],
    ['a backslash, which parts company and user', 'acme\\bot'],
    ['a full-width backslash, which folds to one', 'acme＼bot'],
    ['a colon, which ends the name in HTTP Basic', 'acme:bot'],
    ['a full-width colon, which folds to one', 'acme：bot'],
    ['a slash', 'acme/bot'],
    ['a number sign', 'acme#bot'],
    ['a tab', 'a\tb'],
    ['a line feed', 'a\nb'],
    ['NUL', 'a\0b'],
    ['delete', 'a\u007Fb'],
    ['a C1 control', 'a\u009Fb'],
    ['a right-to-left override', 'a\u202Etob'],
    ['a bidi isolate', 'a\u2066b'],
    ['a right-to-left mark', 'a\u200Fb'],
    ['a zero-width space', 'a\u200Bb'],
    ['a zero-width joiner', 'a\u200Db'],
    ['a byte order mark', 'a\uFEFFb'],
    ['a soft hyphen', 'a\u00ADb'],
    ['a line separator', 'a\u2028b'],
    ['a lone surrogate', 'a\uD800b'],
    ['an emoji', 'bot🤖'],
    ['mark-up', '<b>bot</b>'],
    ['a quote', 'bot"'],
    ['a semicolon', 'bot;'],
    ['65 characters', 'a'.repeat(65)],
    ['a number', 42],
    ['null', null],
  ])('M1 refuses %s', (_what, name) => {
    expect(accepts(userName, name)).toBe(false);
  });

  test.each([
    ['white space around it off', ' bot ', 'bot'],
    ['it as NFC', 'größe'.normalize('NFD'), 'größe'],
    ['64 characters by code point', '𐌰'.repeat(64), '𐌰'.repeat(64)],
  ])('M1 takes %s', (_what, typed, name) => {
    expect(read(userName, typed)).toBe(name);
  });
});

describe('M1 a user type', () => {
  test.each([
    ['Api Employee', 'API Employee'],
    ['api employee', 'API Employee'],
    ['EMPLOYEE', 'Employee'],
    ['External employee', 'External Employee'],
  ])('M1 reads %s as %s', (typed, type) => {
    expect(read(userType, typed)).toBe(type);
  });

  test.each([['API'], [''], [null], [3], [['Employee']]])('M1 refuses %j', (typed) => {
    expect(accepts(userType, typed)).toBe(false);
  });

  test('M1 names the three when another was given', () => {
    expect(read(userType, 'Robot')).toEqual(['must be one of Employee, External Employee, API Employee']);
  });
});

describe('text', () => {
  test.each([
    ['trimmed', ' Ada ', 'Ada'],
    ['as NFC', 'é'.normalize('NFD'), 'é'],
    ['at its longest', padded(8, 'é'), padded(8, 'é')],
    ['counted by code point', '🦊'.repeat(8), '🦊'.repeat(8)],
  ])('of one line is taken %s', (_what, typed, text) => {
    expect(read(line(8), typed)).toBe(text);
  });

  test.each([
    ['of nothing', ' ', 'must not be empty'],
    ['too long', 'a'.repeat(9), 'must be at most 8 characters long'],
    ['of two lines', 'a\nb', 'must not hold control characters'],
    ['with a lone surrogate', 'a\uDFFF', 'must be well-formed Unicode'],
    ['with a bidi override', 'a\u202Eb', 'must not hold control characters'],
  ])('of one line %s is refused', (_what, typed, message) => {
    expect(read(line(8), typed)).toContain(message);
  });

  test('of notes may have lines and tabs, and no other control character', () => {
    expect(read(notes(20), ' a\r\n\tb ')).toBe(' a\r\n\tb ');
    expect(accepts(notes(20), '')).toBe(true);
    expect(accepts(notes(20), 'a\u001Bb')).toBe(false);
    expect(accepts(notes(20), 'a'.repeat(21))).toBe(false);
  });
});

describe('other fields', () => {
  test.each<[string, v.GenericSchema, unknown, boolean]>([
    ['the first id', id, 1, true],
    ['the last id', id, 2_147_483_647, true],
    ['id 0', id, 0, false],
    ['an id beyond 32 bits', id, 2_147_483_648, false],
    ['a broken id', id, 1.5, false],
    ['an id as text', id, '1', false],
    ['an id that is no number', id, Number.NaN, false],
    ['no roles', roleIds, [], true],
    ['20 roles', roleIds, Array.from({ length: 20 }, (_, index) => index + 1), true],
    ['21 roles', roleIds, Array.from({ length: 21 }, (_, index) => index + 1), false],
    ['a role twice', roleIds, [2, 2], false],
    ['UTC', timeZone, 'UTC', true],
    ['a time zone', timeZone, 'Europe/Dublin', true],
    ['a time zone by its newer name', timeZone, 'Asia/Kolkata', true],
    ['a time zone by its older name', timeZone, 'Asia/Calcutta', true],
    ['a time zone of an area in parts', timeZone, 'America/Argentina/Buenos_Aires', true],
    ['no time zone', timeZone, 'Mars/Olympus', false],
    ['an older time zone of one word', timeZone, 'Japan', true],
    ['a newer name in other letter case, which readers of it may not know', timeZone, 'asia/kolkata', false],
    ['the same in capitals', timeZone, 'ASIA/KOLKATA', false],
    ['an offset instead of a time zone', timeZone, '+02:00', false],
    ['no name of a time zone', timeZone, '', false],
    ['a time zone as a number', timeZone, 5, false],
    ['a page number', integerText(1, 500), '500', true],
    ['one beyond the maximum', integerText(1, 500), '501', false],
    ['a signed one', integerText(1, 500), '-1', false],
    ['one in hexadecimal', integerText(1, 500), '0x10', false],
    ['one in other digits', integerText(1, 500), '٣', false],
    ['one given twice', integerText(1, 500), ['1', '2'], false],
    ['a flag in any case', flagText, 'True', true],
    ['a flag as a digit', flagText, '1', false],
    ['rights over a module', rights, { hr: ['view', 'modify'] }, true],
    ['no rights', rights, {}, true],
    ['rights over an unknown module', rights, { billing: ['view'] }, false],
    ['an unknown right', rights, { hr: ['own'] }, false],
  ])('%s', (_what, schema, input, expected) => {
    expect(accepts(schema, input)).toBe(expected);
  });

  test.each([
    ['europe/dublin', 'Europe/Dublin'],
    ['utc', 'UTC'],
    ['Europe/Kyiv', 'Europe/Kyiv'],
  ])('the time zone %s is kept as %s', (typed, kept) => expect(read(timeZone, typed)).toBe(kept));
});
