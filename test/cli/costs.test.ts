import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { costTable } from '../../infra/cli/costs.ts';

test('docs/scaling.md states what the script computes (npm run costs)', () => {
  const document = readFileSync(new URL('../../docs/scaling.md', import.meta.url), 'utf8');
  expect(document).toContain(costTable());
});
