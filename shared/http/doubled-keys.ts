/** Strings and the signs that structure JSON; numbers and words need no telling apart. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * Keys that an object of a JSON text holds twice. `JSON.parse` silently keeps the last, so that two readers of one
 * request could see two different ones.
 * @param text valid JSON.
 */
export function doubledKeys(text: string): string[] {
  const doubled = new Set<string>();
  const open: (Set<string> | undefined)[] = [];
  let last = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const key = String(JSON.parse(last));
      const seen = open.at(-1);
      if (seen?.has(key)) doubled.add(key);
      seen?.add(key);
    } else last = token;
  }
  return [...doubled];
}
