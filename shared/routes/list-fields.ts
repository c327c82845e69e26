import * as v from 'valibot';
import { integerText, line } from './fields.ts';

/** Query fields of lists and pickers, as PSA V2 clients send them. */

/** `Name`, `-Name` or `Name desc` (PSA V2). */
const sortByName = v.pipe(
  v.string('must be given once'),
  v.check((text) => /^\s*(-?name|name\s+(asc|desc))\s*$/i.test(text), 'must be Name, -Name or Name desc'),
  v.transform((text) => (/^\s*-|desc\s*$/i.test(text) ? ('descending' as const) : ('ascending' as const))),
);

/** Text to look for, in any script. */
export const searchText = line(64);

/** More would not fit into an address anyway. */
const IDS_MAX = 500;
const ID_MAX = 2_147_483_647;

function parts(texts: string[]): string[] {
  return texts
    .flatMap((text) => text.split(','))
    .flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

/** Ids, the field repeated or its values joined by commas; none at all filters nothing. */
export const idList = v.pipe(
  v.array(v.string()),
  v.transform(parts),
  v.check(
    (texts) => texts.every((text) => /^\d{1,10}$/.test(text) && Number(text) <= ID_MAX),
    `must be whole numbers up to ${ID_MAX}, repeated or joined by commas`,
  ),
  v.check((texts) => texts.length <= IDS_MAX, `must hold at most ${IDS_MAX} ids`),
  v.transform((texts) => (texts.length === 0 ? undefined : [...new Set(texts.map(Number))])),
);

/** Words, repeated or joined by commas. */
export const wordList = v.pipe(
  v.array(v.string()),
  v.transform(parts),
  v.check((texts) => texts.length <= IDS_MAX, `must hold at most ${IDS_MAX} words`),
  v.description(
    'Ids leave rows out; names of fields leave these out of each row, required ones too. Repeated or joined by commas',
  ),
);

/** By number only: pickers are short, and their clients know no cursor. */
export const numberedPage = (sizeMaximum: number) => ({
  PageSize: v.optional(integerText(1, sizeMaximum)),
  PageNumber: v.optional(integerText(1, 1_000_000)),
  Sort: v.optional(sortByName),
});
