/**
 * The folder that holds everything a stack keeps. One stack at a time: a lock says which. The processes that the
 * stack started are written down, so that the next start can end any that outlived a kill -9.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, messageOf, Problem } from './problem.ts';
import { isRunning, type ProcessRecord, processIdentity } from './process-identity.ts';

export type StateFolder = {
  readonly path: string;
  file(...names: string[]): string;
  /** Writes down a process of this stack; called as soon as it is started. */
  started(pid: number | undefined, what: string): void;
  ended(pid: number | undefined): void;
  /** Ids of the processes that the stack has started and that have not ended. */
  processes(): readonly ProcessRecord[];
  release(): void;
};

const LOCK = 'lock';
const PROCESSES = 'processes.json';
/** What `--fresh` takes away. Nothing else: the folder may hold files that are not ours. */
const CONTENTS = [
  ...['table', 'user-pool', 'mailbox.jsonl', 'events.jsonl', 'stream', 'dead-letters', 'logs'],
  ...['aws-credentials', 'aws-config'],
];
const OWNER_ONLY_FOLDER = 0o700;
const END_LEFTOVER_WITHIN_MS = 2000;

export async function openStateFolder(folder: string, options: { fresh?: boolean }): Promise<StateFolder> {
  const path = resolve(folder);
  const file = (...names: string[]) => join(path, ...names);
  try {
    mkdirSync(path, { recursive: true, mode: OWNER_ONLY_FOLDER });
    takeLock(path);
    await endLeftovers(file(PROCESSES));
    if (options.fresh) for (const name of CONTENTS) rmSync(file(name), { recursive: true, force: true });
    for (const name of ['table', 'stream', 'dead-letters', 'logs']) {
      mkdirSync(file(name), { recursive: true, mode: OWNER_ONLY_FOLDER });
    }
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw new Problem(
      `The state folder ${path} cannot be written (${errorCode(error) ?? messageOf(error)}): ` +
        'make it writable, or name another one with --state DIR.',
    );
  }
  const running = new Map<number, ProcessRecord>();
  const writeDown = () => {
    const draft = file(`${PROCESSES}.new`);
    writeFileSync(draft, JSON.stringify([...running.values()]));
    renameSync(draft, file(PROCESSES));
  };
  return {
    path,
    file,
    started(pid, what) {
      const identity = pid === undefined ? undefined : processIdentity(pid);
      if (pid === undefined || identity === undefined) return;
      running.set(pid, { pid, identity, what });
      writeDown();
    },
    ended(pid) {
      if (pid !== undefined && running.delete(pid)) writeDown();
    },
    processes: () => [...running.values()],
    release() {
      rmSync(file(PROCESSES), { force: true });
      rmSync(file(LOCK), { force: true });
    },
  };
}

function takeLock(path: string): void {
  const lock = join(path, LOCK);
  const mine = join(path, `${LOCK}.${process.pid}`);
  writeFileSync(mine, JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) ?? '' }));
  try {
    // A link appears whole or not at all, and never over an existing file.
    for (;;) {
      try {
        linkSync(mine, lock);
        return;
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
      breakStaleLock(lock, `${mine}.stale`, path);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Takes away a lock whose stack is gone; refuses when the stack runs. */
function breakStaleLock(lock: string, aside: string, path: string): void {
  const seen = readIfThere(lock);
  if (seen === undefined) return;
  const holder = parse<{ pid: number; identity: string }>(seen);
  if (holder && isRunning(holder)) {
    throw new Problem(
      `Another stack (process ${holder.pid}) is using ${path}: stop it, or name another folder with --state DIR.`,
    );
  }
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  // Two starts may break the same stale lock at once; the slower one must not take the faster one's new lock.
  if (readIfThere(aside) !== seen) {
    try {
      linkSync(aside, lock);
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
  rmSync(aside, { force: true });
}

/** Ends what an earlier stack left running: at once, for it has no one to answer to. */
async function endLeftovers(file: string): Promise<void> {
  const recorded = parse<ProcessRecord[]>(readIfThere(file) ?? '[]') ?? [];
  const leftovers = recorded.filter(isRunning);
  for (const { pid } of leftovers) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile: a leftover notices that its stack is gone.
    }
  }
  const deadline = Date.now() + END_LEFTOVER_WITHIN_MS;
  for (const leftover of leftovers) {
    while (isRunning(leftover)) {
      if (Date.now() > deadline) {
        const { what, pid } = leftover;
        throw new Problem(
          `The ${what} of an earlier stack (process ${pid}) does not end: end it, then retry.`,
        );
      }
      await sleep(10);
    }
  }
  rmSync(file, { force: true });
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined for a file that a kill left half written. */
function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
