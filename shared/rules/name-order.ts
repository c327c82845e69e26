import { foldName } from './names.ts';

type Named = { readonly id: number; readonly name: string };

/** Fixed, whatever the language of the machine: pages of one list come from several machines. */
const collator = new Intl.Collator('en', { numeric: true });

/** By name in any script, namesakes by id. */
export function byName(a: Named, b: Named): number {
  return collator.compare(a.name, b.name) || a.id - b.id;
}

/** Whether a name holds what was typed, whatever its case or width. */
export function nameHolds(name: string, text: string | undefined): boolean {
  return text === undefined || foldName(name).includes(foldName(text));
}
