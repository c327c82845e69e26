import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openApiDocument } from './document.ts';
import { documentSource } from './source.ts';

const HELP = `npm run openapi             writes docs/openapi.json from the route tables
npm run openapi -- --check  writes nothing; exits 1 if docs/openapi.json is not what would be written
npm run openapi -- --help   this text`;

const target = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));

function main(): void {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const text = `${JSON.stringify(openApiDocument(documentSource()), undefined, 2)}\n`;
  if (!values.check) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    console.log('docs/openapi.json is written.');
    return;
  }
  if (text === writtenText()) {
    console.log('docs/openapi.json is up to date.');
    return;
  }
  console.error('docs/openapi.json is not what the route tables say. Run npm run openapi.');
  process.exitCode = 1;
}

function writtenText(): string | undefined {
  try {
    return readFileSync(target, 'utf8');
  } catch {
    return undefined;
  }
}

try {
  main();
} catch (error) {
  if (!(error instanceof TypeError && 'code' in error)) throw error;
  // parseArgs names the option it does not know.
  console.error(`${error.message}\n\n${HELP}`);
  process.exitCode = 2;
}
