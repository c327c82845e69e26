import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseFlags, processTerminal, runCommand } from '../cli/command.ts';
import { openApiDocument } from './document.ts';
import { documentSource } from './source.ts';

const HELP = `npm run openapi             writes docs/openapi.json from the route tables
npm run openapi -- --check  writes nothing; exits 1 if docs/openapi.json is not what would be written
npm run openapi -- --help   this text`;

const target = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));

process.exitCode = await runCommand('npm run openapi -- --help', processTerminal, () => {
  const { values } = parseFlags({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const text = `${JSON.stringify(openApiDocument(documentSource()), undefined, 2)}\n`;
  if (!values.check) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    console.log('docs/openapi.json is written.');
    return 0;
  }
  if (text === writtenText()) {
    console.log('docs/openapi.json is up to date.');
    return 0;
  }
  console.error('docs/openapi.json is not what the route tables say. Run npm run openapi.');
  return 1;
});

function writtenText(): string | undefined {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return undefined;
  }
}
