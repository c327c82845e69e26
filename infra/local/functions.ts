/** The functions as Lambda runs them: a process each, a time limit, a new process after a crash. */
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { FunctionDefinition } from '../functions.ts';
import { COMPILE_CACHE, endChild, startChild } from './child.ts';
import { type Deployment, functionEnvironment } from './function-environment.ts';
import type { FromFunction, Invocation } from './function-process.ts';
import { Problem } from './problem.ts';
import type { StateFolder } from './state-folder.ts';

export type Outcome =
  | { readonly ok: true; readonly payload: unknown }
  | {
      readonly ok: false;
      readonly error: 'thrown' | 'timed_out' | 'crashed' | 'init_failed';
      readonly message: string;
    };

export type RunningFunction = {
  readonly definition: FunctionDefinition;
  /** Never rejects: what goes wrong is an outcome. */
  invoke(event: unknown): Promise<Outcome>;
  /** Loads the sources anew. The process that serves now goes on until the new one is ready. */
  reload(): Promise<void>;
  close(): Promise<void>;
};

/** Lambda allows ten; here all functions start at once, on two cores. */
const INIT_LIMIT_MS = 30_000;

type Generation = {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly pending: Map<string, (outcome: Outcome) => void>;
  /** No further invocations; ends when those under way have. */
  retired: boolean;
};

type Options = {
  readonly definition: FunctionDefinition;
  readonly deployment: Deployment;
  readonly state: StateFolder;
  readonly log: (line: string) => void;
};

/** How a stack starts a function; the tests of what is deployed have another way. */
export type StartFunction = (options: Options) => Promise<RunningFunction>;

export async function startFunction(options: Options): Promise<RunningFunction> {
  const { definition, log } = options;
  const { name } = definition;
  const generations = new Set<Generation>();
  let closed = false;
  let current: Generation | undefined;

  const launch = (): Generation => {
    const generation = startGeneration(options, () => {
      generations.delete(generation);
      if (current !== generation) return;
      current = undefined;
      if (!closed) log(`${name} crashed; the next call starts it again. See ${logFile(options)}`);
    });
    generations.add(generation);
    return generation;
  };
  const serveWith = (generation: Generation) => {
    current = generation;
    // A process that does not start is not started over and over: the next invocation tries again.
    generation.ready.catch(() => {
      if (current === generation) current = undefined;
    });
  };
  const retire = (generation: Generation) => {
    generation.retired = true;
    if (generation.pending.size === 0) void endChild(generation.child);
  };

  const first = launch();
  serveWith(first);
  await first.ready;

  return {
    definition,
    async invoke(event) {
      if (closed) return { ok: false, error: 'crashed', message: 'the stack is stopping' };
      if (current === undefined) serveWith(launch());
      const generation = current;
      if (generation === undefined) return { ok: false, error: 'crashed', message: `${name} is not running` };
      try {
        await generation.ready;
      } catch (error) {
        return { ok: false, error: 'init_failed', message: String(error) };
      }
      const outcome = await send(generation, event, definition.timeoutSeconds);
      if (!outcome.ok) {
        log(`${name}: ${outcome.error}: ${outcome.message}`);
        if (outcome.error === 'timed_out' && current === generation && !closed) {
          // Lambda ends a sandbox whose invocation ran out of time: its state is unknown.
          serveWith(launch());
          generation.retired = true;
        }
      }
      if (generation.retired) retire(generation);
      return outcome;
    },
    async reload() {
      const next = launch();
      await next.ready;
      const last = current;
      serveWith(next);
      if (last !== undefined) retire(last);
    },
    async close() {
      closed = true;
      await Promise.all([...generations].map(({ child }) => endChild(child)));
    },
  };
}

const logFile = ({ state, definition }: Options) => state.file('logs', `${definition.name}.log`);

function startGeneration(options: Options, onExit: () => void): Generation {
  const { definition, deployment, state } = options;
  const ready = Promise.withResolvers<void>();
  const pending: Generation['pending'] = new Map();
  const child = startChild({
    state,
    what: `function ${definition.name}`,
    entry: './function-process.ts',
    args: [join(deployment.projectRoot, definition.entry), COMPILE_CACHE],
    env: functionEnvironment(definition, deployment),
    log: `${definition.name}.log`,
  });
  let started = false;
  const fail = (why: string) => {
    ready.reject(
      new Problem(`The function ${definition.name} does not start: ${why} (its log: ${logFile(options)}).`),
    );
  };
  child.on('message', (message: FromFunction) => {
    if (message.kind === 'ready') {
      started = true;
      ready.resolve();
    } else if (message.kind === 'failed') {
      fail(message.message);
    } else {
      const settle = pending.get(message.id);
      settle?.(
        message.kind === 'result'
          ? { ok: true, payload: JSON.parse(message.payload) as unknown }
          : { ok: false, error: 'thrown', message: message.message },
      );
    }
  });
  child.once('exit', (code, signal) => {
    const why = `the process ended (${signal ?? `exit code ${code}`})`;
    fail(why);
    for (const settle of pending.values()) settle({ ok: false, error: 'crashed', message: why });
    if (started) onExit();
  });
  // Whoever waits for it hears of it; nobody may be waiting.
  ready.promise.catch(() => undefined);
  const limit = setTimeout(() => {
    fail(`it is not ready after ${INIT_LIMIT_MS / 1000} seconds`);
    child.kill('SIGKILL');
  }, INIT_LIMIT_MS);
  ready.promise.finally(() => clearTimeout(limit)).catch(() => undefined);
  return { child, ready: ready.promise, pending, retired: false };
}

function send(generation: Generation, event: unknown, timeoutSeconds: number): Promise<Outcome> {
  const { child, pending } = generation;
  return new Promise((resolve) => {
    const id = randomUUID();
    const timeoutMs = timeoutSeconds * 1000;
    const settle = (outcome: Outcome) => {
      clearTimeout(timer);
      pending.delete(id);
      resolve(outcome);
    };
    const timer = setTimeout(
      () =>
        settle({ ok: false, error: 'timed_out', message: `Task timed out after ${timeoutSeconds} seconds` }),
      timeoutMs,
    );
    pending.set(id, settle);
    const invocation: Invocation = { id, event, deadlineEpochMilliseconds: Date.now() + timeoutMs };
    child.send(invocation, (error) => {
      if (error) settle({ ok: false, error: 'crashed', message: error.message });
    });
  });
}
