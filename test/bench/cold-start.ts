import { fork } from 'node:child_process';
import type { FromChild, ToChild } from './cold-process.ts';
import { throttle, throttleReady } from './throttle.ts';
import { median } from './turns.ts';

/** Lambda gives a whole processor at this memory size, and a share in proportion below. */
const FULL_PROCESSOR_MEGABYTES = 1769;

export type ColdStart = {
  /** Processor time, in milliseconds, of the import with what it does at init, and of the first call. */
  readonly importProcessor: number;
  /** Of the whole process, from its start to the end of the first call. */
  readonly wholeProcessor: number;
  readonly firstCallProcessor: number;
  readonly firstCallMilliseconds: number;
  /** Median of the calls after the first. */
  readonly warmCallMilliseconds: number;
};

type Options = {
  /** `benchStarter`'s. */
  readonly starter: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly event: unknown;
  readonly calls?: number;
  /** Emulated, for the calls alone: Lambda runs the init of every size at full speed. */
  readonly memoryMegabytes?: number;
};

export async function coldStart(bundlePath: string, options: Options): Promise<ColdStart> {
  const { starter, environment, event, calls = 1, memoryMegabytes = FULL_PROCESSOR_MEGABYTES } = options;
  await throttleReady();
  const child = fork(starter, [bundlePath], {
    env: environment,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<ColdStart>();
  let stopThrottle: () => void = () => undefined;
  let importProcessor = 0;
  child.once('exit', (code) => reject(new Error(`The cold start of ${bundlePath} ended with ${code}`)));
  child.on('message', (message: FromChild) => {
    if (message.kind === 'ready') {
      importProcessor = message.processor;
      stopThrottle = throttle(child.pid ?? 0, memoryMegabytes / FULL_PROCESSOR_MEGABYTES);
      child.send({ event, calls } satisfies ToChild);
      return;
    }
    stopThrottle();
    if (message.status !== 200) return reject(new Error(`${bundlePath} answered ${String(message.status)}`));
    const [first = 0, ...rest] = message.callMilliseconds;
    resolve({
      importProcessor,
      wholeProcessor: message.wholeProcessor,
      firstCallProcessor: message.firstCallProcessor,
      firstCallMilliseconds: first,
      warmCallMilliseconds: median(rest),
    });
  });
  return promise.finally(() => {
    stopThrottle();
    child.kill('SIGKILL');
  });
}
