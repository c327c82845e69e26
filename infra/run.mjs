// Runs one of the project's TypeScript commands. Plain JavaScript, so that an old Node gets a sentence to act on
// instead of its own complaint about the file's ending: `node infra/run.mjs infra/local/start.ts --port 3000`.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const WANTED_NODE = 24;

const [, , script = '', ...args] = process.argv;
if (Number(process.versions.node.split('.')[0]) < WANTED_NODE) {
  process.stderr.write(
    `Node ${WANTED_NODE} or later is needed, this is ${process.version}. On Linux x64 "npm ci" brings one along; elsewhere install Node ${WANTED_NODE} and try again.\n`,
  );
  process.exitCode = 1;
} else {
  const file = resolve(script);
  process.argv.splice(1, process.argv.length, file, ...args);
  await import(pathToFileURL(file).href);
}
