import { foldName } from './names.ts';

type Named = { readonly id: number; readonly name: string };

/** Letters that Unicode does not take apart, though readers do. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ħ: 'h',
  ł: 'l',
  ŧ: 't',
};
/** Accents. Marks of one script, such as the vowels of Devanagari and Thai, make other letters: they stay. */
const ACCENTS = /[\p{M}&&\p{Script=Inherited}]/gv;

/**
 * The base letters of a name, for search and order: `Müller` and `MULLER` are one, and so are `İpek` and `ipek`.
 * Never for identity: user names that differ in a mark are two, see `foldName`.
 */
export function baseForm(text: string): string {
  return foldName(text)
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .replace(/[æœøđħłŧ]/g, (letter) => PLAIN_LETTERS[letter] ?? letter)
    .normalize('NFKC');
}

/** Below every character that a name may hold, so that `Ann` stands before `Ann Lee`. */
const END = '\t';
/** Code points of each of two parts: at four bytes each they fit an index key (1,024 bytes) and a cursor. */
const PART_MAX_LENGTH = 80;
/** Numbers stand in the order of their value up to this many digits. */
const NUMBER_DIGITS = 8;

/**
 * What all lists are ordered by, whatever the language of reader and machine: base letters first, numbers by
 * their value, then the accents; the id comes after it. Compared by code points, as DynamoDB does (`compareKeys`).
 */
export function nameKey(name: string): string {
  const base = baseForm(name);
  const folded = foldName(name);
  const numbered = base.replace(/\d+/g, (digits) => digits.padStart(NUMBER_DIGITS, '0'));
  // Most names are their own base: the index is not to hold them twice.
  return cut(numbered) + END + (folded === base ? '' : cut(folded));
}

function cut(text: string): string {
  return Array.from(text).slice(0, PART_MAX_LENGTH).join('');
}

/** DynamoDB orders by the bytes of UTF-8, which is by code points; the strings of this language by UTF-16. */
export function compareKeys(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** By name, namesakes by id. */
export function sortedByName<T extends Named>(rows: readonly T[]): T[] {
  return rows
    .map((row) => ({ row, key: nameKey(row.name) }))
    .sort((a, b) => compareKeys(a.key, b.key) || a.row.id - b.row.id)
    .map(({ row }) => row);
}

/** Whether a name holds what was typed, whatever its case, width and accents. */
export function nameHolds(name: string, text: string | undefined): boolean {
  return text === undefined || baseForm(name).includes(baseForm(text));
}
