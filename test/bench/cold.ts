/**
 * Cold starts (P1, P2, P3) and memory sizes: the token function as it is uploaded beside a bare handler with one SDK
 * client, and beside the same request in two frameworks, in one run, taking turns, so that a busy machine slows all of them alike. Ratios of medians.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchBundle, benchStarter, rivalBundle } from './bundles.ts';
import { type ColdStart, coldStart } from './cold-start.ts';
import { startStubAws, stubEnvironment } from './stub-aws.ts';
import { TOKEN_EVENT } from './token-event.ts';
import { line, median, type Row, row, takeTurns } from './turns.ts';

const TOKENS = 'functions/tokens/handler.ts';
const MEMORY_SIZES = [128, 256, 512, 1024, 1769] as const;
const SMALLEST_MEGABYTES = 128;
const WARM_CALLS = 6;

/** Figures of https://aws.amazon.com/lambda/pricing/, arm64, first tier, eu-west-1, in US dollars. */
const DOLLARS_PER_GIGABYTE_SECOND = 0.0000133334;
const DOLLARS_PER_MILLION_REQUESTS = 0.2;

type ColdRow = Row<ColdStart>;

export async function benchCold(rounds: number, say: (line: string) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'psa-bench-'));
  const stub = await startStubAws();
  try {
    const environment = stubEnvironment(stub.url);
    const starter = await benchStarter(folder);
    const bare = await benchBundle(folder, 'bare', { entry: 'test/bench/handlers/bare.ts', aliases: false });
    const same = await benchBundle(folder, 'same', {
      entry: 'test/bench/handlers/same-calls.ts',
      aliases: false,
    });
    const shipped = await benchBundle(folder, 'shipped', { entry: TOKENS, aliases: true });
    const unprimed = await benchBundle(folder, 'unprimed', {
      entry: TOKENS,
      aliases: true,
      withoutInitCalls: true,
    });
    const express = await rivalBundle(folder, 'express');
    const nest = await rivalBundle(folder, 'nest');
    const cached = { ...environment, NODE_COMPILE_CACHE: join(folder, 'compile-cache') };
    const start =
      (bundle: string, more: Partial<Parameters<typeof coldStart>[1]> = {}) =>
      () =>
        coldStart(bundle, { starter, environment, event: TOKEN_EVENT, ...more });

    const small = { memoryMegabytes: SMALLEST_MEGABYTES };
    const starts = {
      bare: row('bare handler: one DynamoDB client, one GetItem', start(bare)),
      same: row('both clients of the SDK, the same seven calls, and nothing else', start(same)),
      shipped: row('**token function, as uploaded**', start(shipped)),
      cached: row('token function with a warm compile cache', start(shipped, { environment: cached })),
    };
    const rivals = {
      nest: row('NestJS, over Express', start(nest)),
      express: row('Express', start(express)),
    };
    const first = {
      unprimed: row('without what it does at init', start(unprimed, small)),
      primed: row('**as uploaded**', start(shipped, small)),
    };
    const sizes = MEMORY_SIZES.map((memoryMegabytes) => ({
      memoryMegabytes,
      ...row(String(memoryMegabytes), start(shipped, { memoryMegabytes, calls: 1 + WARM_CALLS })),
    }));
    await starts.cached.run();
    await takeTurns(
      [...Object.values(starts), ...Object.values(rivals), ...Object.values(first)],
      rounds,
      (round) => say(`cold: round ${round} of ${rounds}`),
    );
    await takeTurns(sizes, Math.ceil(rounds / 3), (round) => say(`cold, memory sizes: round ${round}`));
    return report(starts, rivals, first, sizes, rounds);
  } finally {
    await stub.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const total = ({ results }: ColdRow) =>
  median(results.map(({ importProcessor, firstCallProcessor }) => importProcessor + firstCallProcessor));
const whole = ({ results }: ColdRow) => median(results.map(({ wholeProcessor }) => wholeProcessor));
const importTime = ({ results }: ColdRow) => median(results.map(({ importProcessor }) => importProcessor));
const firstTime = ({ results }: ColdRow) =>
  median(results.map(({ firstCallProcessor }) => firstCallProcessor));
const firstCall = ({ results }: ColdRow) =>
  median(results.map(({ firstCallMilliseconds }) => firstCallMilliseconds));
const warmCall = ({ results }: ColdRow) =>
  median(results.map(({ warmCallMilliseconds }) => warmCallMilliseconds));
const ms = (value: number) => value.toFixed(1);

function report(
  starts: Readonly<Record<'bare' | 'same' | 'shipped' | 'cached', ColdRow>>,
  rivals: Readonly<Record<'nest' | 'express', ColdRow>>,
  first: Readonly<Record<'unprimed' | 'primed', ColdRow>>,
  sizes: readonly (ColdRow & { readonly memoryMegabytes: number })[],
  rounds: number,
): string {
  const base = total(starts.bare);
  const slow = firstCall(first.unprimed);
  return [
    `Medians of ${rounds} cold starts each, on Node ${process.versions.node} (${process.arch}); AWS answers from`,
    'loopback at once. A token request makes seven calls of AWS (three at init), the bare handler one.',
    '',
    line(
      'P1: processor time',
      'import and init, ms',
      'first call, ms',
      'ratio of the sum',
      'to the same calls by the SDK',
    ),
    line('---', '---', '---', '---', '---'),
    ...Object.values(starts).map((row) =>
      line(
        row.name,
        ms(importTime(row)),
        ms(firstTime(row)),
        (total(row) / base).toFixed(2),
        (total(row) / total(starts.same)).toFixed(2),
      ),
    ),
    '',
    line('P2: processor time of the whole process, the same request', 'ms', 'ours is'),
    line('---', '---', '---'),
    line('**token function, as uploaded**', ms(whole(starts.shipped)), '1.00'),
    ...Object.values(rivals).map((row) =>
      line(row.name, ms(whole(row)), `${(whole(starts.shipped) / whole(row)).toFixed(2)} of it`),
    ),
    '',
    line('P3: first call at an emulated 128 MB', 'first call, ms', 'ratio'),
    line('---', '---', '---'),
    ...Object.values(first).map((row) =>
      line(row.name, ms(firstCall(row)), (firstCall(row) / slow).toFixed(2)),
    ),
    '',
    line('Memory, MB (emulated)', 'first call, ms', 'warm call, ms', 'Lambda, $ per million warm calls'),
    line('---', '---', '---', '---'),
    ...sizes.map((row) =>
      line(row.memoryMegabytes, ms(firstCall(row)), ms(warmCall(row)), dollarsPerMillion(row).toFixed(2)),
    ),
  ].join('\n');
}

function dollarsPerMillion(row: ColdRow & { readonly memoryMegabytes: number }): number {
  // Lambda bills whole milliseconds.
  const gigabyteSeconds = (row.memoryMegabytes / 1024) * Math.ceil(warmCall(row)) * 1000;
  return gigabyteSeconds * DOLLARS_PER_GIGABYTE_SECOND + DOLLARS_PER_MILLION_REQUESTS;
}
