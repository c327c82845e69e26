import { UsageError } from './command.ts';

const LINE_FEED = 0x0a;
/** UTF-16, little and big endian: what spreadsheets call Unicode text. */
const UTF_16_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];
const SAVE_AS_UTF_8 = 'save it as "CSV UTF-8" in Excel, or choose UTF-8 when exporting';

/**
 * The text of a CSV file in UTF-8, with or without a byte order mark. Anything else is refused rather than guessed:
 * a lossy reading would put names with replacement characters into the company's records.
 */
export function csvText(file: string, bytes: Uint8Array): string {
  if (UTF_16_MARKS.some(([first, second]) => bytes[0] === first && bytes[1] === second)) {
    throw new UsageError(`${file} is in UTF-16, not in UTF-8; ${SAVE_AS_UTF_8}`);
  }
  const text = decoded(bytes);
  if (text === undefined) {
    throw new UsageError(`${file} is not in UTF-8 (line ${firstBadLine(bytes)}); ${SAVE_AS_UTF_8}`);
  }
  return text;
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** In UTF-8 no longer sequence holds a line feed: the file is sound exactly where each of its lines is. */
function firstBadLine(bytes: Uint8Array): number {
  for (let line = 1, from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(LINE_FEED, from);
    const to = end === -1 ? bytes.length : end;
    if (decoded(bytes.subarray(from, to)) === undefined) return line;
    from = to + 1;
  }
  throw new RangeError('Every line is in UTF-8');
}
