import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { newTenant, stack } from '../support/world.ts';

const guide = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
const run = promisify(execFile);

/** The indented command that begins so, with the lines that it goes on over. */
function example(beginning: string): string {
  const lines = guide.split('\n').map((line) => line.replace(/^ {4}/, ''));
  const at = lines.findIndex((line) => line.startsWith(beginning));
  const end = lines.findIndex((line, index) => index >= at && !line.endsWith('\\'));
  return lines.slice(at, end + 1).join('\n');
}

test('who has an admin’s token can run the examples on one employee as docs/api.md has them', async () => {
  const { admin } = await newTenant();
  const script = [
    'ID=$(',
    'ETAG=$(',
    'curl -X PATCH "',
    'curl "https://psa.example/v2/hr/employees/$ID/tokencheck',
  ];
  const commands = script.map((beginning) => example(beginning).replaceAll('https://psa.example', stack.url));
  const { stdout } = await run('bash', ['-euc', commands.join('\n')], {
    env: { ...process.env, TOKEN: admin },
  });
  const [id = '', ...replies] = stdout.trim().split(/\n|(?<=\})(?=\{)/);
  const [changed, checked] = replies.map((reply) => JSON.parse(reply) as { result: object });
  expect(changed?.result).toMatchObject({ id: Number(id), jobTitle: 'Billing' });
  expect(checked?.result).toMatchObject({ id: Number(id), canGetToken: true });
});
