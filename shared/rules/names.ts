/** Longest tenant name in code points; with the employee id and the generation it fits Cognito's 128. */
export const TENANT_MAX_LENGTH = 64;

/**
 * Folds a name for comparison, so that look-alikes collide: NFKC, then case-folded one code point at a time
 * (by way of upper case, which joins ß with ss and the two small sigmas).
 */
export function foldName(text: string): string {
  const upper = text.normalize('NFKC').trim().toUpperCase();
  return Array.from(upper, (character) => character.toLowerCase())
    .join('')
    .normalize('NFKC');
}

/**
 * The sign-in name of a company: letters and digits of any script kept, all else one `-`.
 * What is typed at sign-in is folded the same way, so that it needs no look-up. Empty when nothing is left.
 */
export function tenantSlug(company: string): string {
  const dashed = foldName(company)
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  return Array.from(dashed).slice(0, TENANT_MAX_LENGTH).join('').replace(/-$/, '');
}
