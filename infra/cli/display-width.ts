const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Of scripts that are wide otherwise. */
const HALF_WIDTH = /^[\uFF61-\uFFDC]/;
const WIDE =
  /^[\u3000-\u33FF\uFF01-\uFF60\uFFE0-\uFFE6\p{sc=Han}\p{sc=Hangul}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Yi}\p{Emoji_Presentation}]|^\p{Emoji}\uFE0F/u;
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\p{M}]+$/u;

/**
 * How many columns a terminal takes for one line of text: two for a letter of East Asia or an emoji, none for what is
 * invisible or a mark alone, else one for what people see as one character.
 */
export function displayWidth(text: string): number {
  return Array.from(graphemes.segment(text)).reduce((sum, { segment }) => sum + widthOf(segment), 0);
}

function widthOf(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) && !HALF_WIDTH.test(grapheme) ? 2 : 1;
}

/** Filled up with spaces to `columns`; longer text stays as it is. */
export function padToWidth(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}
