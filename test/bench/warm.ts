/**
 * Warm requests (P5): each stack of `warm-process.ts` in a process of its own, as in Lambda, and a new one for each
 * turn: what V8 makes of the code differs from process to process.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { installRivals } from './rivals.ts';
import { line, median, row, takeTurns } from './turns.ts';

const PROCESS = fileURLToPath(new URL('warm-process.ts', import.meta.url));

export async function benchWarm(rounds: number, say: (line: string) => void): Promise<string> {
  installRivals();
  const rows = {
    ours: row('**ours**', () => microsecondsOf('ours')),
    hono: row("hono's Lambda adapter", () => microsecondsOf('hono')),
    nest: row('NestJS, over Express', () => microsecondsOf('nest')),
  };
  await takeTurns(Object.values(rows), rounds, (round) => say(`warm: round ${round} of ${rounds}`));
  const took = median(rows.ours.results);
  return [
    `Medians of ${rounds} processes each, warmed up, on Node ${process.versions.node} (${process.arch}).`,
    '',
    line('P5: processor time of one request', 'µs', 'fastest and slowest', 'ours is'),
    line('---', '---', '---', '---'),
    ...Object.values(rows).map(({ name, results }) =>
      line(
        name,
        median(results).toFixed(1),
        `${Math.min(...results).toFixed(1)} to ${Math.max(...results).toFixed(1)}`,
        (took / median(results)).toFixed(2),
      ),
    ),
  ].join('\n');
}

async function microsecondsOf(stack: string): Promise<number> {
  const child = fork(PROCESS, [stack], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The measurement of ${stack} ended with ${code}`);
  });
  return Promise.race([once(child, 'message').then(([microseconds]) => Number(microseconds)), ended]);
}
