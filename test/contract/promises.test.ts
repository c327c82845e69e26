import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const rows = readFileSync(join(root, 'docs/promises.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| [RSMP ]?\d*\s?\|/.test(line) && !line.includes('| promise |'));

test.each(rows.map((row) => [row.split(' | ')[1] ?? row, row] as const))('%s: there is a test', (_, row) => {
  const files = [...row.matchAll(/`(test\/[\w/.-]+)`/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(existsSync(join(root, file)), file).toBe(true);
  const [, number] = /^\| ([RSMP]\d+) \|/.exec(row) ?? [];
  // Its number stands in the test of at least one of them.
  const texts = files.map((file) => readFileSync(join(root, file), 'utf8'));
  if (number)
    expect(
      texts.some((text) => new RegExp(String.raw`\b${number}\b`).test(text)),
      number,
    ).toBe(true);
});

test('every promise is read', () => {
  expect(rows.length).toBeGreaterThan(35);
});
