import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startStack } from '../../infra/local/stack.ts';
import { fixtureStack } from './fixtures/functions.ts';
import { eventually, temporaryFolder } from './support.ts';

test('a changed source is loaded; a broken one is told, and the last good one serves on', async () => {
  const folder = await temporaryFolder();
  const handler = join(folder, 'functions', 'echo', 'handler.ts');
  await mkdir(join(folder, 'functions', 'echo'), { recursive: true });
  const write = (version: string) =>
    writeFile(handler, `export const handler = async (): Promise<string> => '${version}';\n`);
  await write('one');
  const logged: string[] = [];
  const stack = await startStack({
    ...fixtureStack,
    functions: fixtureStack.functions.filter(({ name }) => name === 'echo'),
    projectRoot: folder,
    stateDir: join(folder, 'state'),
    watch: true,
    log: (line) => logged.push(line),
  });
  onTestFinished(() => stack.close());
  const served = async () => (await fetch(`${stack.url}/do/x`)).text();
  expect(await served()).toBe('one');
  await write('two');
  await eventually(async () => ((await served()) === 'two' ? true : undefined));
  await writeFile(handler, 'export const handler = ;\n');
  await eventually(() => logged.find((line) => line.startsWith('echo keeps its old source')));
  expect(await served()).toBe('two');
});
