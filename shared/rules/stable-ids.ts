import { foldName } from './names.ts';

export type NamedValue = {
  readonly id: number;
  /** As most people have it spelt; of equals the first in code point order. */
  readonly name: string;
  /** Whether any active person has it. */
  readonly isActive: boolean;
};

/**
 * Distinct values of a text field with an id each, which depends on the folded text alone: it stays the same
 * while people come and go, and no number is kept anywhere.
 *
 * @param numberOf a positive 32-bit number for a folded text and an attempt. Two texts that meet in one number
 * are told apart by the next attempt, the first in code point order keeping its number.
 */
export function namedValues(
  held: readonly { readonly text: string; readonly active: boolean }[],
  numberOf: (folded: string, attempt: number) => number,
): NamedValue[] {
  const groups = Map.groupBy(held, ({ text }) => foldName(text));
  const taken = new Set<number>();
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([folded, holders]) => {
      let attempt = 0;
      while (taken.has(numberOf(folded, attempt))) attempt += 1;
      const id = numberOf(folded, attempt);
      taken.add(id);
      return {
        id,
        name: commonest(holders.map(({ text }) => text)),
        isActive: holders.some(({ active }) => active),
      };
    });
}

function commonest(spellings: readonly string[]): string {
  const counts = [...Map.groupBy(spellings, (spelling) => spelling)].sort(
    ([a, as], [b, bs]) => bs.length - as.length || (a < b ? -1 : 1),
  );
  return counts[0]?.[0] ?? '';
}
