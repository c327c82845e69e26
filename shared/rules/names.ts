/** Longest tenant name in code points; with the employee id and the generation it fits Cognito's 128. */
export const TENANT_MAX_LENGTH = 64;
/** The same in UTF-16, which takes two for a letter of a rarer script: AWS does not say how it counts the 128. */
const TENANT_MAX_UNITS = 95;

/**
 * Folds a name for comparison, so that look-alikes collide: NFKC, invisible characters out (as Unicode's
 * NFKC_Casefold does), then case-folded one code point at a time. By way of lower and upper case, which joins
 * ẞ and ß with ss, and the two small sigmas.
 */
export function foldName(text: string): string {
  const visible = text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .trim();
  const upper = visible.toLowerCase().toUpperCase();
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
  let slug = '';
  for (const character of Array.from(dashed).slice(0, TENANT_MAX_LENGTH)) {
    if (slug.length + character.length > TENANT_MAX_UNITS) break;
    slug += character;
  }
  return slug.replace(/-$/, '');
}
