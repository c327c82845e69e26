import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

test('npm run fuzz prints its own words alone, none of the functions that it runs', async () => {
  // As in a terminal: what the tests set for the functions in their processes is not there.
  const { LOG_LEVEL, METRICS_NAMESPACE, ...env } = process.env;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['infra/run.mjs', 'test/fuzz/run.ts', '--inputs', '20'],
    { cwd: root, env },
  );
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^fuzz: 20 inputs, seed \d+, none got through \([\d:, ]+\)\n$/);
});
