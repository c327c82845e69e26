import type { ImportItem } from '../../shared/store/imports.ts';

export function importView({ id, rows, done }: ImportItem) {
  return { importId: id, state: done < rows ? 'unfinished' : 'finished', rows, done };
}
