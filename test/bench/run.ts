/**
 * `npm run bench`: measures, and writes each result into its section of docs/performance.md.
 * `npm run bench -- --only cold --rounds 30`
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { benchCold } from './cold.ts';
import { benchTokens } from './token-rate.ts';
import { benchWarm } from './warm.ts';

const DOCUMENT = new URL('../../docs/performance.md', import.meta.url);
const DEFAULT_ROUNDS = 20;

type Bench = (rounds: number, say: (line: string) => void) => Promise<string>;
const BENCHES: Readonly<Record<string, Bench>> = { cold: benchCold, warm: benchWarm, tokens: benchTokens };

const HELP = `Usage: npm run bench -- [flags]

  --only NAME    one of ${Object.keys(BENCHES).join(', ')}; else all of them
  --rounds N     how often each is measured; else ${DEFAULT_ROUNDS}
  --help         this text

Each result goes into its section of docs/performance.md.
`;

const values = flags();
const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
if (values.help) {
  process.stdout.write(HELP);
} else if (values.only !== undefined && !Object.hasOwn(BENCHES, values.only)) {
  process.stderr.write(`There is no benchmark ${values.only}.\n${HELP}`);
  process.exitCode = 2;
} else if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write('--rounds must be a whole number from 1 on.\n');
  process.exitCode = 2;
} else {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (values.only !== undefined && values.only !== name) continue;
    const result = await bench(rounds, (line) => process.stderr.write(`${line}\n`));
    process.stdout.write(`${result}\n`);
    await writeSection(name, result);
  }
}

/** Ends the process where one is not known. */
function flags() {
  try {
    return parseArgs({
      options: { only: { type: 'string' }, rounds: { type: 'string' }, help: { type: 'boolean' } },
    }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.stderr.write(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

/** Between the two comments that mark it; what stands around them is written by hand. */
async function writeSection(name: string, result: string): Promise<void> {
  const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const text = await readFile(DOCUMENT, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md has no section ${begin} … ${end}`);
  await writeFile(DOCUMENT, `${text.slice(0, from)}${begin}\n${result}\n${text.slice(to)}`);
}
