/**
 * `npm test`: runs the whole suite, then says in one last line how many tests passed and failed. Arguments go
 * to vitest: `npm test -- test/rules`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type FileResult = { status: string; assertionResults: { status: string }[] };
type Report = { success: boolean; numPassedTests: number; numFailedTests: number; testResults: FileResult[] };

if (process.argv.includes('--help')) {
  process.stdout.write(`Usage: npm test -- [files] [flags]    (npm run test:long and test:faults likewise)

Starts a local stack, runs the tests against it, and says in its last line how many passed and failed.

  files      parts of paths, such as test/rules; else all
  -t NAME    tests of this name alone
  --help     this text

Every other flag goes to vitest (https://vitest.dev/guide/cli).
`);
  process.exit(0);
}

const directory = await mkdtemp(join(tmpdir(), 'psa-test-report-'));
const outputFile = join(directory, 'report.json');
const vitest = spawn(
  process.execPath,
  [
    join(import.meta.dirname, '../node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${outputFile}`,
    ...process.argv.slice(2),
  ],
  { stdio: 'inherit' },
);
const exitCode = await new Promise<number>((resolve) => vitest.on('exit', (code) => resolve(code ?? 1)));

const report = await readFile(outputFile, 'utf8').then(
  (text) => JSON.parse(text) as Report,
  () => undefined,
);
await rm(directory, { recursive: true, force: true });

// A file that cannot even be loaded holds no failed test, yet it failed.
const brokenFiles = (report?.testResults ?? []).filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
).length;
const passed = report?.numPassedTests ?? 0;
const failed = (report?.numFailedTests ?? 0) + brokenFiles;
const sound = exitCode === 0 && report?.success === true && failed === 0 && passed > 0;
process.stdout.write(`${passed} passed, ${sound ? 0 : Math.max(failed, 1)} failed\n`);
process.exitCode = sound ? 0 : 1;
