/** Processes of the stack: each is a fork of Node that ends when its channel to the stack closes. */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { StateFolder } from './state-folder.ts';

/**
 * Compiled sources, shared by all processes of all stacks: they load the same SDK ten times over. Where it cannot be
 * written, Node goes without.
 */
export const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/local-stack', import.meta.url));

type ChildOptions = {
  readonly state: StateFolder;
  readonly what: string;
  /** Beside this file. */
  readonly entry: `./${string}-process.ts`;
  readonly args: readonly string[];
  /** All that the process sees of the environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Name of the log in the state folder; holds the process's stdout and stderr. */
  readonly log: string;
};

export function startChild({ state, what, entry, args, env, log }: ChildOptions): ChildProcess {
  const output = openSync(state.file('logs', log), 'a', 0o600);
  try {
    const child = fork(fileURLToPath(new URL(entry, import.meta.url)), args, {
      env,
      // Flags of a debugger or a test runner are for the stack, not for what it runs.
      execArgv: [],
      stdio: ['ignore', output, output, 'ipc'],
    });
    state.started(child.pid, what);
    child.once('exit', () => state.ended(child.pid));
    // A child that has ended cannot be told anything; its exit is what is acted upon.
    child.on('error', () => undefined);
    return child;
  } finally {
    closeSync(output);
  }
}

/** From a child to the stack. A stack that is gone meanwhile is no error: the child is about to end as well. */
export function tellStack<Message extends object>(
  message: Message,
  onSent: () => void = () => undefined,
): void {
  process.send?.(message, undefined, undefined, onSent);
}

const END_WITHIN_MS = 2000;

/** Ends the process by closing its channel, and by force if that is not heeded. */
export function endChild(child: ChildProcess, withinMs = END_WITHIN_MS): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve();
    const force = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    if (child.connected) child.disconnect();
  });
}

/**
 * To be called first in a child: the process must not outlive the stack, however that ended. Ctrl-C, and many a
 * supervisor, signals the whole group of processes; the child waits for the stack to finish what it is serving.
 */
export function liveWithStack(onEnd: () => void = () => process.exit(0)): void {
  process.on('disconnect', onEnd);
  if (!process.connected) onEnd();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
