import type { LicencesItem } from '../store/items.ts';

/** Licences as replies show them (M10). */
export function licencesView({ total, used }: Pick<LicencesItem, 'total' | 'used'>) {
  return { total, used, available: Math.max(0, total - used) };
}
