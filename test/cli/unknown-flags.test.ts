import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  scripts: Record<string, string>;
};
/** Their flags go on to vitest. */
const OF_VITEST = ['test', 'test:long', 'test:faults'];
const commands = Object.entries(scripts)
  .filter(([name, script]) => script.startsWith('node infra/run.mjs ') && !OF_VITEST.includes(name))
  .map(([name, script]) => [name, script.split(' ').slice(1)] as const);

test.each(commands)(
  'npm run %s does nothing with a flag it does not know, and exits with 2',
  async (_name, script) => {
    const { code, stderr } = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
      execFile(process.execPath, [...script, '--no-such-flag'], { cwd: root }, (error, _out, stderr) =>
        resolve({ code: error?.code, stderr }),
      );
    });
    expect(code).toBe(2);
    expect(stderr).toContain("Unknown option '--no-such-flag'");
  },
);
