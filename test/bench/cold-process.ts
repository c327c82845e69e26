/** One cold start: imports a bundle, then calls its handler when told to, as often as told. */
import { pathToFileURL } from 'node:url';

export type ToChild = { readonly event: unknown; readonly calls: number };
/** `processor`: time of the processor, in milliseconds; it leaves out waiting, for AWS and for the machine. */
export type FromChild =
  | { readonly kind: 'ready'; readonly processor: number }
  | {
      readonly kind: 'done';
      readonly callMilliseconds: readonly number[];
      readonly firstCallProcessor: number;
      readonly wholeProcessor: number;
      readonly status: unknown;
    };

const [, , bundlePath = ''] = process.argv;

const processorTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

// The SDK loads it for the plain HTTP of the stub; against AWS it never does.
await import('node:http');

const atStart = processorTime();
const { handler } = (await import(pathToFileURL(bundlePath).href)) as {
  handler: (event: unknown, context: unknown) => Promise<{ statusCode?: number }>;
};
const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => 30_000 };

process.once('message', async ({ event, calls }: ToChild) => {
  const callMilliseconds: number[] = [];
  let firstCallProcessor = 0;
  let wholeProcessor = 0;
  let status: unknown;
  const atCalls = processorTime();
  for (let call = 0; call < calls; call += 1) {
    const before = performance.now();
    status = (await handler(event, context)).statusCode;
    callMilliseconds.push(performance.now() - before);
    if (call > 0) continue;
    wholeProcessor = processorTime();
    firstCallProcessor = wholeProcessor - atCalls;
  }
  const done: FromChild = { kind: 'done', callMilliseconds, firstCallProcessor, wholeProcessor, status };
  process.send?.(done, () => process.exit(0));
});
process.send?.({ kind: 'ready', processor: processorTime() - atStart } satisfies FromChild);
