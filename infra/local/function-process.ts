/** One Lambda function: loads the handler and answers invocations, several at a time if need be. */
import { enableCompileCache } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import { liveWithStack, tellStack } from './child.ts';

export type Invocation = {
  readonly id: string;
  readonly event: unknown;
  readonly deadlineEpochMilliseconds: number;
};
export type FromFunction =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'result'; readonly id: string; readonly payload: string }
  | { readonly kind: 'error'; readonly id: string; readonly message: string };

type Handler = (event: unknown, context: Context) => unknown;

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: synchronous replies. */
const PAYLOAD_LIMIT_BYTES = 6 * 1024 * 1024 + 100;

liveWithStack();
const [entry = '', compileCache = ''] = process.argv.slice(2);
if (compileCache !== '') enableCompileCache(compileCache);

function contextOf({ id, deadlineEpochMilliseconds }: Invocation): Context {
  const { env } = process;
  const name = env.AWS_LAMBDA_FUNCTION_NAME ?? '';
  const unsupported = () => {
    throw new Error('context.done, fail and succeed are gone from Node 24 on; answer by returning');
  };
  return {
    awsRequestId: id,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${env.AWS_REGION}:000000000000:function:${name}`,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME ?? '',
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME ?? '',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineEpochMilliseconds - Date.now()),
    done: unsupported,
    fail: unsupported,
    succeed: unsupported,
  };
}

async function answer(handler: Handler, invocation: Invocation): Promise<void> {
  const { id } = invocation;
  try {
    const result = await handler(invocation.event, contextOf(invocation));
    const payload = JSON.stringify(result) ?? 'null';
    if (Buffer.byteLength(payload) > PAYLOAD_LIMIT_BYTES) {
      throw new Error(
        `Response payload size exceeded maximum allowed payload size (${PAYLOAD_LIMIT_BYTES} bytes).`,
      );
    }
    tellStack<FromFunction>({ kind: 'result', id, payload });
  } catch (error) {
    console.error('Invoke Error', error);
    tellStack<FromFunction>({
      kind: 'error',
      id,
      message: error instanceof Error ? error.message : String(error),
    });
  }
}

try {
  const { handler } = (await import(pathToFileURL(entry).href)) as { handler?: unknown };
  if (typeof handler !== 'function') throw new Error(`${entry} exports no function named handler`);
  process.on('message', (invocation: Invocation) => void answer(handler as Handler, invocation));
  tellStack<FromFunction>({ kind: 'ready' });
} catch (error) {
  console.error('Init Error', error);
  const message = error instanceof Error ? error.message : String(error);
  tellStack<FromFunction>({ kind: 'failed', message }, () => process.exit(1));
}
