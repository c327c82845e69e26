import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SESClient } from '@aws-sdk/client-ses';
import { onTestFinished } from 'vitest';
import { processIdentity } from '../../infra/local/process-identity.ts';

export const REGION = 'eu-west-1';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

export async function temporaryFolder(atEnd: (remove: () => Promise<void>) => void = onTestFinished) {
  const folder = await mkdtemp(join(tmpdir(), 'psa-local-'));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const sesClient = (endpoint: string) =>
  new SESClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
export const tableClient = (endpoint: string) =>
  new DynamoDBClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });

/** Asks until the answer is not undefined. */
export async function eventually<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs = 5000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Still nothing after ${withinMs} ms`);
    await sleep(20);
  }
}

export const allGone = (pids: readonly number[]) =>
  eventually(() => (pids.every((pid) => processIdentity(pid) === undefined) ? true : undefined));

export async function linesOf(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}
