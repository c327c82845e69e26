/**
 * Gives a process a share of one processor: it runs for that part of each slice, and is stopped for the rest. From a
 * thread of its own that sleeps in fractions of a millisecond: timers count whole ones, and of 2.9 made 2.
 */
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';

const SLICE_MILLISECONDS = 40;
const [PID, SHARE] = [0, 1] as const;
const MILLIONTHS = 1_000_000;

/** The process that is held back, 0 for none, and its share. */
const state: Int32Array = isMainThread ? new Int32Array(new SharedArrayBuffer(8)) : workerData;

const thread = isMainThread ? new Worker(new URL(import.meta.url), { workerData: state }) : undefined;
const online = thread && once(thread, 'online').then(() => thread.unref());

/** The thread takes longer to start than some calls that are measured: to be waited for before any. */
export const throttleReady = async () => online;

/** Holds it back from now on, until what is answered is called. One at a time. */
export function throttle(pid: number, share: number): () => void {
  if (share >= 1) return () => undefined;
  if (state[PID] !== 0) throw new Error('Another process is held back');
  state[SHARE] = Math.round(share * MILLIONTHS);
  wakeFor(pid);
  return () => wakeFor(0);
}

function wakeFor(pid: number): void {
  Atomics.store(state, PID, pid);
  Atomics.notify(state, PID);
}

function holdBack(pid: number): void {
  const run = SLICE_MILLISECONDS * ((state[SHARE] ?? 0) / MILLIONTHS);
  const startedAt = performance.now();
  const isOver = (milliseconds: number) =>
    Atomics.wait(state, PID, pid, Math.max(0, startedAt + milliseconds - performance.now())) !== 'timed-out';
  for (let slice = 0; ; slice += SLICE_MILLISECONDS) {
    signal(pid, 'SIGCONT');
    if (isOver(slice + run)) break;
    signal(pid, 'SIGSTOP');
    if (isOver(slice + SLICE_MILLISECONDS)) break;
  }
  signal(pid, 'SIGCONT');
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended; its exit is what is acted upon.
  }
}

while (!isMainThread) {
  Atomics.wait(state, PID, 0);
  const pid = Atomics.load(state, PID);
  if (pid !== 0) holdBack(pid);
}
