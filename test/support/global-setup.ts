import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startStack } from '../../infra/local/stack.ts';
import { leaksIn, tracesOf } from './canaries.ts';

const MOST_LEAKS_TOLD = 20;

export type RunningStack = Pick<
  Awaited<ReturnType<typeof startStack>>,
  'url' | 'inboxUrl' | 'stateDir' | 'tableName' | 'endpoints' | 'userPool' | 'operator' | 'eventsFile'
>;

declare module 'vitest' {
  export interface ProvidedContext {
    stack: RunningStack;
    chromiumPath: string;
  }
}

/** One stack for the whole run; each test makes tenants of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateDir = await mkdtemp(join(tmpdir(), 'psa-test-'));
  const [stack, chromiumPath] = await Promise.all([
    startStack({ port: 0, stateDir: join(stateDir, 'stack') }),
    unpackChromium(join(stateDir, 'chromium')),
  ]);
  const { url, inboxUrl, tableName, endpoints, userPool, operator, eventsFile } = stack;
  project.provide('stack', { url, inboxUrl, stateDir, tableName, endpoints, userPool, operator, eventsFile });
  project.provide('chromiumPath', chromiumPath);
  return async () => {
    // S13, over all that the run did. What is thrown here fails the run.
    const leaks = leaksIn(await tracesOf(stack, join(stateDir, 'stack')));
    await stack.close();
    await rm(stateDir, { recursive: true, force: true });
    if (leaks.length > 0) throw new Error(`Leaked (S13):\n${leaks.slice(0, MOST_LEAKS_TOLD).join('\n')}`);
  };
}

/** Unpacked once, in a folder of its own: parallel first launches fail, and a leftover would be reused. */
async function unpackChromium(directory: string): Promise<string> {
  await mkdir(directory);
  process.env.TMPDIR = directory;
  const { default: chromium } = await import('@sparticuz/chromium');
  return chromium.executablePath();
}
