import type { ImportItem } from '../../shared/store/items.ts';

export function importView({ id, rows, done }: ImportItem) {
  return { importId: id, state: done < rows ? 'unfinished' : 'finished', rows, done };
}
