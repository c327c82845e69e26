import { html as template } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';

/** HTML that is safe to put into more HTML. */
export type Html = HtmlEscapedString;
type Part = Html | string | number | false | undefined | readonly Html[];

/** Escapes every part that is not HTML already. Parts are values, never promises, so the whole is one too. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const made = template(strings, ...parts);
  if (made instanceof Promise) throw new Error('A part of a template was not at hand');
  return made;
}
