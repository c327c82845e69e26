/** `npm run events`: docs/events.md and docs/events.schema.json, of shared/events.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseFlags, processTerminal, runCommand } from '../cli/command.ts';
import { eventsPage, eventsSchema } from './documents.ts';

const HELP = `npm run events             writes docs/events.md and docs/events.schema.json from shared/events.ts
npm run events -- --check  writes nothing; exits 1 if either is not what would be written
npm run events -- --help   this text`;

const FILES = {
  'docs/events.md': eventsPage,
  'docs/events.schema.json': () => `${JSON.stringify(eventsSchema(), undefined, 2)}\n`,
} as const;
const pathOf = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

process.exitCode = await runCommand('npm run events -- --help', processTerminal, () => {
  const { values } = parseFlags({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  let exitCode = 0;
  for (const [name, make] of Object.entries(FILES)) {
    const text = make();
    if (!values.check) {
      writeFileSync(pathOf(name), text);
      console.log(`${name} is written.`);
    } else if (readFileSync(pathOf(name), 'utf8') === text) {
      console.log(`${name} is up to date.`);
    } else {
      console.error(`${name} is not what shared/events.ts says. Run npm run events.`);
      exitCode = 1;
    }
  }
  return exitCode;
});
