import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const OLD_NODE =
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})';

it('says in a sentence that Node is too old', () => {
  const command = ['--import', OLD_NODE, 'infra/run.mjs', 'infra/local/start.ts'];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Node 24 or later is needed/);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

it('hands the arguments on', () => {
  const command = ['infra/run.mjs', 'infra/cli/tenant.ts', 'create', '--help'];
  const { status, stdout } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout).toContain('--licences');
});
