import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { costTable, TOKEN_READ_UNITS, TOKEN_WRITE_UNITS } from '../../infra/cli/cost-table.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const execute = promisify(execFile);

test('docs/scaling.md states what the script computes (npm run costs)', () => {
  const document = readFileSync(`${root}docs/scaling.md`, 'utf8');
  expect(document).toContain(costTable());
});

test('its units are those that were measured (docs/data-model.md)', () => {
  const [row = ''] = /^\| `issueToken` \|.*$/m.exec(readFileSync(`${root}docs/data-model.md`, 'utf8')) ?? [];
  expect(row.split(' | ').slice(2, 4).map(Number)).toEqual([TOKEN_READ_UNITS, TOKEN_WRITE_UNITS]);
});

test.each([
  [[], `${costTable()}\n`],
  [
    ['--help'],
    'npm run costs: the cost of token requests, from the prices in infra/cli/cost-table.ts. No options.\n',
  ],
])('npm run costs -- %j prints it', async (args, expected) => {
  // As package.json has it, since what is run by another script does not count as the main one.
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    scripts: { costs: string };
  };
  const [, ...command] = scripts.costs.split(' ');
  const { stdout } = await execute(process.execPath, [...command, ...args], { cwd: root });
  expect(stdout).toBe(expected);
});
