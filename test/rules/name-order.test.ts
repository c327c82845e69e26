import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { baseForm, compareKeys, nameHolds, nameKey, sortedByName } from '../../shared/rules/name-order.ts';
import { foldName } from '../../shared/rules/names.ts';
import { mayBePicked } from '../../shared/rules/people.ts';
import { anyCharacter } from './arbitraries.ts';

describe('the base form of a name', () => {
  test.each([
    ['a letter with a mark', 'Müller', 'muller'],
    ['a mark of its own', 'Mu\u0308ller', 'muller'],
    ['İ of Turkish', 'İpek', 'ipek'],
    ['ı of Turkish', 'Işık', 'isik'],
    ['Greek', 'Ζήνων', 'ζηνων'],
    ['Vietnamese', 'Nguyễn Đức', 'nguyen duc'],
    ['letters with a stroke', 'Łukasz Ødegård', 'lukasz odegard'],
    ['a ligature', 'Æsop', 'aesop'],
  ])('is one for %s', (_, name, base) => {
    expect(baseForm(name)).toBe(base);
  });

  test.each([
    ['Devanagari', 'कि', 'कु'],
    ['Thai', 'กา', 'กี'],
    ['Hangul', '한', '하'],
  ])('keeps the vowels of %s', (_, one, other) => {
    expect(baseForm(one)).not.toBe(baseForm(other));
  });

  it('leaves the folding of user names alone: with and without a mark are two', () => {
    expect(foldName('müller')).not.toBe(foldName('muller'));
    expect(foldName('İpek')).not.toBe(foldName('ipek'));
  });
});

describe('the order of lists', () => {
  const sorted = (...names: string[]) =>
    sortedByName(names.toReversed().map((name, id) => ({ id, name }))).map(({ name }) => name);

  test.each([
    ['letters with marks stand at their base', ['Adam', 'Åsa', 'Bob', 'Ève', 'Zoë', 'Ζήνων', 'Зоя', '健']],
    ['of names with one base the plain one comes first', ['Zoe', 'zoé', 'zoë', 'Zoe A']],
    ['a name stands before its continuation', ['Ann', 'Ann Lee', 'Anna']],
    ['numbers stand by their value', ['Bot 2', 'Bot 10', 'Bot 10a']],
  ])('%s', (_, names) => {
    expect(sorted(...names)).toEqual(names);
  });

  it('puts namesakes by id, as the index does', () => {
    const namesakes = [
      { id: 12, name: 'ann' },
      { id: 9, name: 'Ann' },
    ];
    expect(sortedByName(namesakes).map(({ id }) => id)).toEqual([9, 12]);
  });

  it('is by code points, where strings of this language are not', () => {
    expect(compareKeys('\u{1F600}', '\uFFFD')).toBeGreaterThan(0);
  });

  it('keeps every key of two names within what an index key and a cursor hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter, maxLength: 300 }), (name) => {
        expect(Buffer.byteLength(nameKey(name))).toBeLessThanOrEqual(700);
      }),
    );
  });
});

test.each(['müller', 'muller', 'MÜLL', 'ｍüller'])('%s finds Müller', (text) => {
  expect(nameHolds('Eva Müller', text)).toBe(true);
});

test.each([
  ['Eva', 'Müller', 'eva muller'],
  ['Eva', 'Müller', 'muller eva'],
  ['Eva', 'Müller', 'Müller, E'],
  ['太郎', '田中', '田中太郎'],
  ['철수', '김', '김철수'],
])('%s %s is found by %s', (firstName, lastName, text) => {
  const person = { id: 1, userType: 'Employee', active: true, userName: 'x', firstName, lastName } as const;
  expect(mayBePicked(person, { name: text })).toBe(true);
  expect(mayBePicked(person, { text })).toBe(true);
});

test('names that are parted in their script are not searched as one word', () => {
  const person = { id: 1, userType: 'Employee', active: true, userName: 'x' } as const;
  expect(mayBePicked({ ...person, firstName: 'Tom', lastName: 'Smith' }, { name: 'smithtom' })).toBe(false);
});

test('a letter of another base finds nothing', () => {
  expect(nameHolds('Eva Müller', 'mvller')).toBe(false);
});
