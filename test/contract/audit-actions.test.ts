import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AUDIT_ACTIONS } from '../../shared/rules/audit-actions.ts';

test('docs/api.md names every action of the audit log, once, and no other', () => {
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const section = page.split('\n## Audit log\n')[1]?.split('\n## ')[0] ?? '';
  const cells = section.split('\n').flatMap((line) => /^\| (`.+?) \|/.exec(line)?.[1] ?? []);
  const named = cells.flatMap((cell) => cell.match(/[\w.-]+/g) ?? []);
  expect(named.sort()).toEqual([...AUDIT_ACTIONS].sort());
});
