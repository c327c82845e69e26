import { TOP_PASSWORDS } from './top-passwords.ts';

/**
 * The words and runs of keys that lead every published list of common passwords. A password made of nothing
 * but these, repeats and sequences is as easily guessed as they are, however long it is.
 */
const COMMON_PARTS = /* @__PURE__ */ longestFirst([
  'password',
  'passwort',
  'passw0rd',
  'p@ssword',
  'p@ssw0rd',
  'pa$$word',
  'passphrase',
  'contraseña',
  'motdepasse',
  'senha',
  'wachtwoord',
  'welcome',
  'willkommen',
  'bienvenue',
  'letmein',
  'changeme',
  'default',
  'secret',
  'geheim',
  'admin',
  'administrator',
  'root',
  'login',
  'master',
  'access',
  'service',
  'test',
  'temp',
  'guest',
  'user',
  'api',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'qwerty',
  'qwertz',
  'azerty',
  'asdfghjkl',
  'asdfgh',
  'asdf',
  'zxcvbnm',
  'yxcvbnm',
  'qazwsx',
  '1qaz2wsx',
  '1qazxsw2',
  'zaq12wsx',
  '1q2w3e4r5t6y',
  '1q2w3e4r5t',
  '1q2w3e4r',
  'q1w2e3r4',
  'a1b2c3d4',
  '!@#$%^&*()_+',
  '!@#$%^&*()',
  '!@#$%^&*',
  '!@#$%^',
  '!@#$',
  '%^&*()_+',
  '{}|:"<>?',
  'qweasd',
  'qwe',
  'asd',
  'zxc',
  'monkey',
  'dragon',
  'football',
  'baseball',
  'superman',
  'batman',
  'sunshine',
  'princess',
  'iloveyou',
  'iloveu',
  'trustno',
  'shadow',
  'michael',
  'jordan',
  'hunter',
  'summer',
  'winter',
  'spring',
  'autumn',
  'january',
  'february',
  'september',
  'october',
  'november',
  'december',
  'computer',
  'internet',
  'whatever',
  'starwars',
  'pokemon',
  'samsung',
  'charlie',
  'jennifer',
  'michelle',
  'chocolate',
  'liverpool',
  'mercedes',
  'corvette',
  'company',
  'hello',
  'abc',
  'this',
  'is',
  'my',
  'the',
  'correct',
  'horse',
  'battery',
  'staple',
  'pulseway',
  'kaseya',
  'vorex',
  'psa',
  'bms',
]);

/** What must be left of a password, in distinct characters, once all that is common is taken out. */
const DISTINCT_CHARACTERS_LEFT = 4;
/** Or in distinct ASCII symbols: a few decorate a common word, this many are no decoration. */
const DISTINCT_SYMBOLS_LEFT = 8;

/** @param folded the password as `foldName` gives it. */
export function isCommonPassword(folded: string): boolean {
  if (TOP_PASSWORDS.has(folded)) return true;
  let rest = folded;
  for (const part of COMMON_PARTS) rest = rest.replaceAll(part, ' ');
  const symbols = rest.match(/[!-/:-@[-`{-~]/g) ?? [];
  const left = withoutRuns(rest.replace(/[\s!-/:-@[-`{-~]/g, ''));
  return new Set(left).size < DISTINCT_CHARACTERS_LEFT && new Set(symbols).size < DISTINCT_SYMBOLS_LEFT;
}

function longestFirst(parts: readonly string[]): readonly string[] {
  return parts.toSorted((a, b) => b.length - a.length);
}

/** Takes out repeats (`aaaa`) and sequences up or down (`1234`, `dcba`) of three and more. */
function withoutRuns(text: string): string[] {
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const kept: string[] = [];
  for (let start = 0; start < points.length; ) {
    const end = endOfRun(points, start);
    if (end - start < 3) kept.push(String.fromCodePoint(points[start] ?? 0));
    start = end - start < 3 ? start + 1 : end;
  }
  return kept;
}

function endOfRun(points: readonly number[], start: number): number {
  const step = (points[start + 1] ?? Number.NaN) - (points[start] ?? 0);
  if (Math.abs(step) > 1 || Number.isNaN(step)) return start + 1;
  let end = start + 1;
  while (end < points.length && (points[end] ?? 0) - (points[end - 1] ?? 0) === step) end += 1;
  return end;
}
